//! Event words, returns and cancellations.

use crate::support::{KINDS, NAMED, check, read};

#[test]
fn words_become_kinds() {
    check("", &format!("{KINDS}s,1,a,view\ns,2,a,addtocart\ns,3,a,transaction\n"), "a a:add_to_cart a:purchase");
    check("", &format!("{KINDS}s,1,a,Product View\ns,2,a,ADD_TO_CART\ns,3,a,remove-from-cart\n"), {
        "a a:add_to_cart a:remove_from_cart"
    });
    check("", &format!("{KINDS}s,1,a,\ns,2,b,wishlist\ns,3,b,click\n"), "a b:wishlist b:click");
    check("[events]\ndefault = \"purchase\"", &format!("{NAMED}s,1,a\n"), "a:purchase");
    check("[events.kinds]\npv = \"view\"\ntap = \"ignore\"", &format!("{KINDS}s,1,a,pv\ns,2,b,tap\n"), {
        "a; other_event 1"
    });
    // The store's own word wins over the usual meaning.
    check("[events.kinds]\norder = \"click\"", &format!("{KINDS}s,1,a,order\n"), "a:click");
    check("", &format!("{KINDS}s,1,,search\ns,2,a,impression\ns,3,a,view\ns,4,a,scroll\n"), {
        "a; other_event 1; search 1; impression 1"
    });
    // What is not wanted is no interest.
    check("", &format!("{KINDS}s,1,a,not_interested\ns,2,a,view\ns,3,a,Less like this\n"), "a; aversion 2");
    check("", "session_id,timestamp,item_id,query\ns,1,,boots\ns,2,a,boots\ns,3,,\n", "a; search 1; missing_item 1");
}

#[test]
fn unknown_words_are_told() {
    let (_, report) =
        read("e.csv", format!("{KINDS}s,1,a,view\ns,2,a,scroll\ns,3,a,zoom\ns,4,a,zoom\n").as_bytes(), "").unwrap();
    assert!(
        report.notes.contains(
            &"No kind of event is known for `zoom` (2), `scroll` (1). Map each in [events.kinds], e.g. word = \"view\" or \
              word = \"ignore\"."
                .to_owned()
        ),
        "{:?}",
        report.notes
    );
}

#[test]
fn returns_cancel_purchases() {
    let config = "[events]\ndefault = \"purchase\"\ncancelled_session_prefix = \"C\"";
    let log = |rows: &str| format!("session_id,visitor_id,timestamp,item_id,quantity\n{rows}");
    let bought = "a:purchase";
    check(config, &log("1,v,1,a,6\nC2,v,2,a,-6\n3,v,3,b,1\n"), "b:purchase; return 1; cancelled_purchase 1");
    // A part goes back: the rest is still with the visitor.
    check(config, &log("1,v,1,a,6\nC2,v,2,a,-2\n"), &format!("{bought}; return 1"));
    check(config, &log("1,v,1,a,6\nC2,v,2,a,-2\nC3,v,3,a,-4\n4,v,4,b,1\n"), {
        "b:purchase; return 2; cancelled_purchase 1"
    });
    // The latest purchase goes back first; what is over goes to the one before.
    check(config, &log("1,v,1,a,6\n2,v,2,a,2\nC3,v,3,a,-2\n"), &format!("{bought}; return 1; cancelled_purchase 1"));
    check(config, &log("1,v,1,a,6\n2,v,2,a,2\nC3,v,3,a,-8\n4,v,4,b,1\n"), {
        "b:purchase; return 1; cancelled_purchase 2"
    });
    // Another visitor's, another item's, or a later purchase stays.
    check(config, &log("1,v,1,a,1\nC2,w,2,a,-1\n"), &format!("{bought}; return 1"));
    check(config, &log("1,v,1,a,1\nC2,v,2,b,-1\n"), &format!("{bought}; return 1"));
    check(config, &log("C1,v,1,a,-1\n2,v,2,a,1\n"), &format!("{bought}; return 1"));
    // The sign or the prefix is enough.
    check(config, &log("1,v,1,a,1\n2,v,2,a,-1\n3,v,3,b,1\n"), "b:purchase; return 1; cancelled_purchase 1");
    check(config, &log("1,v,1,a,1\nC2,v,2,a,1\n3,v,3,b,1\n"), "b:purchase; return 1; cancelled_purchase 1");
    // Germans write a piece so.
    check(config, &log("1,v,1,a,\"1,00\"\n2,v,2,a,\"-1,00\"\n3,v,3,b,\"1,00\"\n"), {
        "b:purchase; return 1; cancelled_purchase 1"
    });
    // Without visitors within the session.
    check(config, &log("1,,1,a,1\n1,,2,a,-1\n1,,3,b,1\n2,,4,a,-1\n"), "b:purchase; return 2; cancelled_purchase 1");
    // An event word says it as well, and without quantities each is one piece.
    check("", &format!("{KINDS}s,1,a,view\ns,2,a,purchase\ns,3,a,purchase\ns,4,a,refund\n"), {
        "a a:purchase; return 1; cancelled_purchase 1"
    });
    check(
        "",
        "session_id,timestamp,item_id,event,qty\ns,1,a,cart,2\ns,2,a,cart,-1\n",
        "a:add_to_cart a:remove_from_cart",
    );
    let (_, report) = read("e.csv", log("1,v,1,a,1\nC2,w,2,a,-1\n").as_bytes(), config).unwrap();
    assert!(report.notes.contains(&"1 returns have no earlier purchase in the log.".to_owned()), "{:?}", report.notes);
}
