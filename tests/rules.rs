//! A store's rules from the file to what is wrong with them.

use std::error::Error as _;
use std::path::Path;

use reshelve::format::container::{self, SectionKind};
use reshelve::format::metadata::{Blend, Decay, Metadata};
use reshelve::format::{attributes, ids};
use reshelve::model::{Model, Rules};
use reshelve::rank::{Page, RequestError, RerankRequest, Scratch, rerank};
use reshelve::rules::{RuleFile, Severity, check, compile};
use reshelve::session::{EventKind, Session};

const N_ITEMS: usize = 40;

/// Items of four brands, one of them rare, in two categories and a third with a slash, one price band each; popularity
/// falls along the rows.
fn model() -> Model {
    let column = |name: &str, words: &[&str], value: fn(usize) -> u32| attributes::Encoded {
        name: name.to_owned(),
        values: (0..N_ITEMS).map(value).collect(),
        dictionary: words.iter().map(|word| (*word).to_owned()).collect(),
    };
    let columns = [
        column("brand", &["acme", "bora", "cleo", "rare"], |row| if row == 0 { 4 } else { row as u32 % 3 + 1 }),
        column("category", &["hats", "health/beauty", "shoes > boots"], |row| {
            if row == 1 { 2 } else { row as u32 % 2 * 2 + 1 }
        }),
        column("popularity", &[], |row| 200 - row as u32),
        column("price_band", &[], |row| row as u32 % 5 + 1),
    ];
    let blend = Blend { popularity: 16, base_range: 8192, strength: 512, ..Blend::default() };
    let metadata = Metadata {
        created_at_ms: 0,
        decay: Decay { by_kind: [1024; EventKind::N_WEIGHED], by_age: Vec::new() },
        blends: vec![blend],
        ..Metadata::default()
    };
    let item_ids: Vec<String> = (0..N_ITEMS).map(|row| format!("item {row:02}")).collect();
    let sections = [
        (SectionKind::Metadata, metadata.write().unwrap()),
        (SectionKind::Ids, ids::write(&item_ids).unwrap()),
        (SectionKind::Attributes, attributes::write(N_ITEMS, &columns).unwrap()),
    ];
    Model::from_bytes(container::write(&sections)).unwrap()
}

fn file(text: &str) -> RuleFile {
    RuleFile::from_toml("rules.toml", text).unwrap()
}

#[test]
fn what_is_no_rule_is_told() {
    let check = |text: &str, expected: &[&str]| {
        let compiled = RuleFile::from_toml("rules.toml", text).and_then(|file| compile(&file));
        let error = compiled.expect_err(text).to_string();
        for expected in expected {
            assert!(error.contains(expected), "{error:?} should contain {expected:?}");
        }
    };
    check("[[filter]]\nname = 'a'\nkeeps = 'adult'", &["rules.toml, line 3", "keeps", "reshelve rules schema"]);
    check("filter = 3", &["line 1", "column 10"]);
    check("[[filter]]\nname = 'a'", &["filter \"a\"", "either `keep` or `drop`"]);
    check("[[filter]]\nname = 'a'\nkeep = 'adult'\ndrop = 'adult'", &["either `keep` or `drop`"]);
    check("[[filter]]\nname = 'a'\nkeep = 'brand = 3'", &["filter \"a\"", "`keep`", "column 7", "      ^"]);
    check("[[filter]]\nname = ' '\nkeep = 'adult'", &["`name`", "its own"]);
    check("[[pin]]\nname = 'a'\nitem = 'x'\nrank = 0", &["pin \"a\"", "`rank`", "0 is not from 1"]);
    check("[[pin]]\nname = 'a'\nitem = 'x'\nrank = 1\nwhen = 'brand == \"x\"'", &["not known of a request", "surface"]);
    check("[[pin]]\nname = 'a'\nitem = 'x'\nrank = 1\nwhen = 'surface > 2'", &["surface is a word"]);
    check("[[pin]]\nname = 'a'\nitem = 'x'\nrank = 1\nwhen = 'touched == \"x\"'", &["touched is a number"]);
    check("[[cap]]\nname = 'a'\nat_most = 1", &["`per`, `where` or both"]);
    check("[[cap]]\nname = 'a'\nper = 'brand'\nat_most = 0", &["`at_most`: 0 is not from 1"]);
    check("[[cap]]\nname = 'a'\nper = 'brand'\nat_most = 1\nfirst = 0", &["`first`: 0 is not from 1"]);
    check("[[boost]]\nname = 'a'\nwhere = 'adult'\nby = 4001", &["`by`: 4001 is not within ±4000"]);
    check("[[boost]]\nname = 'a'\nwhere = 'adult == 1'\nby = 1", &["write it alone"]);
    check("[[boost]]\nname = 'a'\nwhere = 'a_name_that_is_too_long'\nby = 1", &["longer than 16"]);
    check("[[boost]]\nname = 'a'\nper = 'adult'\nby = -500", &["boost \"a\"", "`per`", "write it as `where`"]);
    check("[[cap]]\nname = 'a'\nper = 'sensitive'\nat_most = 2", &["cap \"a\"", "`per`", "write it as `where`"]);
    check("overlays = ['surface']", &["`overlays`", "\"surface\" is taken"]);
    check("overlays = ['adult']", &["`overlays`", "\"adult\" is taken"]);
    check("context = ['sensitive']", &["`context`", "\"sensitive\" is taken"]);
    check("overlays = ['in']", &["`overlays`", "\"in\" is taken"]);
    check("context = ['a b']", &["`context`", "\"a b\" is taken, or no name"]);
    check("context = ['segment']", &["`context`", "\"segment\" is taken"]);
    check("overlays = ['bought']", &["`overlays`", "\"bought\" is taken"]);
    let drop = |of: &str| format!("[[filter]]\nname = 'a'\ndrop = \"{of}\"");
    check(&drop("brand in brands"), &["`drop`", "column 10", "a set of items"]);
    check(&drop("brand == favourite"), &["favourite is no word of the request"]);
    check(&drop("category under surface and cart"), &["cart is a set of items"]);
    let overlaid = |of: &str| "overlays = ['seller']\ncontext = ['own']\n".to_owned() + &drop(of);
    for of in ["in cart", "== 'acme'", "!= 'acme'", "in ['acme', 'bora']", "under 'acme'", "== own", "under own"] {
        check(&overlaid(&format!("seller {of}")), &["`drop`", "seller is an overlay", "compare it with a number"]);
    }
    check(&drop("touched in cart"), &["touched is a number"]);
    check(&drop("surface in cart"), &["surface is a word"]);
    check(&drop("item under surface"), &["item is an id"]);
    check(&drop("adult in cart"), &["write it alone"]);
    let when = |when: &str| format!("{}\nwhen = \"{when}\"", drop("adult"));
    check(&when("item in cart"), &["item is not known of a request"]);
    check(&when("brand == segment"), &["brand is not known of a request"]);
    let quota = |rest: &str| format!("[[quota]]\nname = 'a'\nwhere = 'adult'\n{rest}");
    check(&quota("at_least = 0\nfirst = 3"), &["`at_least`: 0 is not from 1"]);
    check(&quota("at_least = 1\nfirst = 0"), &["`first`: 0 is not from 1"]);
    let many: String = (0..33).map(|n| quota("at_least = 1\nfirst = 3\n").replace("'a'", &format!("'{n}'"))).collect();
    check(&many, &["`quota`: 33 are more than 32"]);
    check("[[boost]]\nname = 'a'\nby = 1", &["`where`, `per` or both"]);
    check("[[boost]]\nname = 'a'\nby = 1\nper = 'cart'", &["`per`", "no column"]);
    check("[[boost]]\nname = 'a'\nby = 1\nper = 'item'", &["`per`", "no column"]);
    check("[[boost]]\nname = 'a'\nby = 1\nper = 'margin_band'\namong = 0", &["`among`: 0 is not from 1"]);
    let incompatible = |n: usize| {
        let items: Vec<String> = (0..n).map(|number| format!("'{number}'")).collect();
        format!("[[incompatible]]\nname = 'a'\nitems = [{}]", items.join(","))
    };
    check(&incompatible(1), &["incompatible \"a\"", "two at least"]);
    check(&incompatible(61), &["`items`: 61 are more than 60", "in the catalog"]);
    let several: String = (0..40)
        .map(|n| incompatible(60).replace("'a'", &format!("'{n}'")).replace("'1'", &format!("'x{n}'")))
        .collect::<Vec<_>>()
        .join("\n");
    check(&several, &["more than 65536 bytes"]);
    let placement = |rest: &str| format!("[[placement]]\nname = 'feed'\n{rest}\n");
    check("[[placement]]\nname = ''", &["placement \"\"", "`name`", "32 visible ASCII"]);
    check("[[placement]]\nname = 'home feed'", &["`name`", "visible ASCII"]);
    check(&placement("").repeat(2), &["placement \"feed\"", "`name`", "taken"]);
    check(&placement("surface = 'ä'"), &["`surface`", "visible ASCII"]);
    check(&placement("draw = ['session', 'stars']"), &["`draw`", "\"stars\"", "session, similar"]);
    check(
        &placement(
            "draw = ['popular', 'popular', 'popular', 'popular', 'popular', 'popular', 'popular', 'popular', 'popular']",
        ),
        &["9 steps"],
    );
    check(&placement("from = 'moon'"), &["line 3", "moon", "cart"]);
    check(&placement("limit = 1001"), &["`limit`: 1001 is not from 1 to 1000"]);
    check(&placement("strength = 1.1"), &["`strength`: 1.1 is not from 0 to 1"]);
    check(&placement("discovery = 0.4"), &["`discovery`: 0.4 is not from 0 to 0.3"]);
    check(&placement("max_shift = 65535"), &["`max_shift`: 65535"]);
    check(&placement("where = 'brand ='"), &["placement \"feed\"", "`where`", "column 7"]);
    let answer = "[[question.answer]]\nname = 'kids'\nwhere = 'adult'\n";
    check("[[question]]\nname = 'for_whom'", &["question \"for_whom\"", "`answer`: give it answers"]);
    check(&format!("[[question]]\nname = 'a/b'\n{answer}"), &["question \"a/b\"", "without a slash"]);
    check(&format!("[[question]]\nname = 'a'\n{answer}{answer}"), &["answer \"a/kids\"", "taken"]);
    check(&format!("[[question]]\nname = 'a'\n{answer}by = 4001"), &["answer \"a/kids\"", "`by`: 4001"]);
    let questions: String = (0..4).map(|n| format!("[[question]]\nname = 'q{n}'\n{answer}")).collect();
    check(&questions, &["`question`: 4 are more than 3"]);
    let many: Vec<String> = (0..5000).map(|n| format!("'{n}'")).collect();
    let lists: Vec<String> = many.chunks(400).map(|words| format!("item in [{}]", words.join(", "))).collect();
    let rule = |(at, of): (usize, &String)| format!("[[filter]]\nname = 'f{at}'\ndrop = \"{of}\"\n");
    check(&lists.iter().enumerate().map(rule).collect::<String>(), &["more than 65536 bytes"]);
    let error = RuleFile::from_json("rules.json", "{\"pin\": 3}").unwrap_err().to_string();
    assert!(error.contains("rules.json, line 1, column 9") && error.contains("expected a sequence"), "{error}");
    let error = RuleFile::load(Path::new("no/rules.toml")).unwrap_err();
    assert_eq!(error.to_string(), "cannot read the rules no/rules.toml; check the path");
    assert!(error.source().is_some(), "what the system said is told once, as the cause");
}

#[test]
fn json_says_the_same() {
    let toml = file("[[cap]]\nname = 'a'\nper = 'brand'\nat_most = 2\nsurfaces = ['home']\n");
    let json = r#"{"$schema": "x", "cap": [{"name": "a", "per": "brand", "at_most": 2, "surfaces": ["home"]}]}"#;
    let json = RuleFile::from_json("rules.json", json).unwrap();
    assert_eq!(toml.cap, json.cap);
    let schema = RuleFile::json_schema();
    assert_eq!(schema["additionalProperties"], false);
    assert!(schema["properties"]["pin"].is_object() && schema["properties"]["$schema"].is_object());
}

#[test]
fn the_check_finds_what_will_not_work() {
    let model = model();
    let check = |text: &str, expected: &[(Severity, &str)]| {
        let file = file(text);
        let findings = check(&file, &compile(&file).unwrap(), Some(&model), 10).unwrap();
        assert_eq!(findings.len(), expected.len(), "{text}: {findings:?}");
        for (finding, (severity, message)) in findings.iter().zip(expected) {
            assert!(finding.severity == *severity && finding.message.contains(message), "{finding:?}: {message}");
        }
    };
    use Severity::{Error, Warning};
    let pin = |name: &str, rest: &str| format!("[[pin]]\nname = '{name}'\n{rest}\n");
    check("[[filter]]\nname = 'a'\ndrop = 'brand == \"acme\"'", &[]);
    check(
        &(pin("a", "item = 'item 00'\nrank = 1") + &pin("b", "item = 'item 01'\nrank = 1")),
        &[(Error, "taken by pin \"a\"")],
    );
    check(
        &(pin("a", "item = 'item 00'\nrank = 1\nsurfaces = ['home']") + &pin("b", "item = 'item 01'\nrank = 1")),
        &[(Warning, "taken by pin \"a\"")],
    );
    check(
        &(pin("a", "item = 'item 00'\nrank = 1\nsurfaces = ['x']")
            + &pin("b", "item = 'item 01'\nrank = 1\nsurfaces = ['y']")),
        &[],
    );
    check(
        &(pin("a", "item = 'item 00'\nrank = 1") + &pin("b", "item = 'item 00'\nrank = 2")),
        &[(Error, "pinned to rank 1")],
    );
    check(
        &(pin("a", "item = 'item 00'\nrank = 1") + "[[reserve]]\nname = 'b'\nrank = 1\nwhere = 'price_band == 1'"),
        &[(Error, "taken by pin")],
    );
    check(&pin("a", "item = 'item 99'\nrank = 1"), &[(Warning, "does not know the item")]);
    let bars = "[[filter]]\nname = 'f'\ndrop = 'brand == \"rare\"'\n";
    check(&(bars.to_owned() + &pin("a", "item = 'item 00'\nrank = 1")), &[(Error, "filter \"f\" bars the item")]);
    check(
        &(bars.to_owned() + "surfaces = ['home']\n" + &pin("a", "item = 'item 00'\nrank = 1")),
        &[(Warning, "filter \"f\" bars the item")],
    );
    check(
        &pin("a", "item = 'item 00'\nrank = 1\nwhen = 'surface == \"home\"'\nsurfaces = ['cart']"),
        &[(Error, "no request fulfills")],
    );
    check(
        &pin("a", "item = 'item 00'\nrank = 1\nwhen = 'touched > 3 and touched < 2'"),
        &[(Error, "no request fulfills")],
    );
    let pair = |first: &str, second: &str| {
        let reserve = |name: &str, rest: &str| {
            format!("[[reserve]]\nname = '{name}'\nrank = 3\nwhere = 'price_band == 1'\n{rest}\n")
        };
        reserve("a", first) + &reserve("b", second)
    };
    check(&pair("when = \"segment == 'new'\"", "when = \"segment == 'regular'\""), &[]);
    check(&pair("surfaces = ['home']", "when = \"surface != 'home'\""), &[]);
    check(&pair("when = 'touched > 3'", "when = 'touched > 5'"), &[(Error, "taken by reserve \"a\"")]);
    check(&pair("when = 'touched > 5'", "when = 'touched > 3'"), &[(Warning, "taken by reserve \"a\"")]);
    check(&pin("a", "item = 'item 00'\nrank = 1\nwhen = 'touched > 3 and not touched > 5'"), &[]);
    check(
        "[[filter]]\nname = 'a'\ndrop = 'color == \"red\"'",
        &[(Error, "no column color"), (Warning, "concerns no item")],
    );
    check("[[filter]]\nname = 'a'\ndrop = 'adult'", &[(Warning, "concerns no item")]);
    check(
        "[[filter]]\nname = 'a'\ndrop = 'brand > 3'",
        &[(Error, "compared with numbers"), (Warning, "concerns no item")],
    );
    check("[[filter]]\nname = 'a'\ndrop = 'brand in [\"acme\", \"acem\"]'", &[(Warning, "\"acem\"")]);
    check("[[filter]]\nname = 'a'\ndrop = 'category under \"shoes\"'", &[]);
    check("[[cap]]\nname = 'a'\nat_most = 1\nper = 'seller'", &[(Error, "no column seller")]);
    check("overlays = ['seller']\n[[cap]]\nname = 'a'\nat_most = 1\nper = 'seller'", &[]);
    check("overlays = ['stock']\n[[filter]]\nname = 'a'\nkeep = 'stock > 0'", &[(Warning, "brings no `stock`")]);
    check("overlays = ['stock']\n[[filter]]\nname = 'a'\nkeep = 'not stock == 0'", &[]);
    let keep = |of: &str| format!("overlays = ['price_band', 'stock']\n[[filter]]\nname = 'a'\nkeep = \"{of}\"");
    check(&keep("not brand == 'rare' and not stock == 0"), &[]);
    check(&keep("not (brand == 'rare' or stock == 0)"), &[]);
    check(&keep("not brand == 'rare' and stock > 0"), &[(Warning, "brings no `stock`")]);
    check(&keep("price_band >= 2"), &[]);
    check("[[filter]]\nname = 'a'\nkeep = 'popularity > 0'", &[(Warning, "holds for every item")]);
    check("[[filter]]\nname = 'a'\ndrop = \"category == 'health/beauty >'\"", &[]);
    check("[[filter]]\nname = 'a'\ndrop = \"category under 'health/beauty >'\"", &[]);
    check(
        "[[filter]]\nname = 'a'\ndrop = \"category == 'health/beauty'\"",
        &[(Warning, "concerns no item"), (Warning, "\"health > beauty\"")],
    );
    check("[[filter]]\nname = 'a'\nkeep = 'brand == \"rare\"'", &[(Warning, "leaves 1 of 40")]);
    check("[[filter]]\nname = 'a'\ndrop = 'popularity > 0'", &[(Error, "leaves 0 of 40")]);
    let halves = "[[filter]]\nname = 'a'\ndrop = 'price_band <= 2'\n[[filter]]\nname = 'b'\ndrop = 'price_band >= 3'\n";
    check(halves, &[(Error, "together leave 0 of 40")]);
    check(&(halves.to_owned() + "surfaces = ['home']"), &[(Error, "on \"home\" the filters together")]);
    let halves_on = |name: &str, surfaces: &str| {
        let half = |side: &str, of: &str| {
            format!("[[filter]]\nname = '{name} {side}'\ndrop = 'price_band {of}'\nsurfaces = {surfaces}\n")
        };
        half("a", "<= 2") + &half("b", ">= 3")
    };
    check(
        &(halves_on("x", "['cart']") + &halves_on("y", "['home']")),
        &[(Error, "on \"cart\" the filters"), (Error, "on \"home\" the filters")],
    );
    check(&halves_on("x", "['cart', 'home']"), &[(Error, "on \"cart\" the filters")]);
    let halves_when = |when: &str| {
        let half = |name: &str, of: &str, when: &str| {
            format!("[[filter]]\nname = '{name}'\ndrop = 'price_band {of}'\nwhen = 'touched > {when}'\n")
        };
        half("a", "<= 2", "3") + &half("b", ">= 3", when)
    };
    check(&halves_when("3"), &[(Error, "with filter \"b\" it leaves 0"), (Error, "with filter \"a\" it leaves 0")]);
    check(&halves_when("5"), &[(Error, "with filter \"a\" it leaves 0")]);
    check("overlays = ['stock']\n[[filter]]\nname = 'a'\ndrop = 'stock > 3 and stock < 2'", &[(Error, "for no item")]);
    check("overlays = ['stock']\n[[filter]]\nname = 'a'\ndrop = 'stock > 3 and stock < 5'", &[]);
    check("overlays = ['stock']\n[[filter]]\nname = 'a'\ndrop = \"stock > 3 and category under 'hats'\"", &[]);
    check("[[cap]]\nname = 'a'\nat_most = 2\nper = 'brand'", &[(Warning, "leaves room for 7 items")]);
    check("[[cap]]\nname = 'a'\nat_most = 2\nper = 'brand'\nfirst = 6", &[]);
    check("[[cap]]\nname = 'a'\nat_most = 3\nper = 'brand'", &[]);
    // 25 levels of popularity, 1/64 of a logit each, lie between rank 1 and rank 25.
    let boost = |name: &str, by: i32| format!("[[boost]]\nname = '{name}'\nwhere = 'brand == \"rare\"'\nby = {by}\n");
    check(&boost("a", 300), &[]);
    check(&(boost("a", 300) + &boost("b", 300)), &[(Warning, "with boost \"b\" it moves an item by 600 thousandths")]);
    check(&(boost("a", 300) + &boost("b", 300) + "surfaces = ['home']"), &[(Warning, "with boost \"a\" it moves")]);
    check(&(boost("a", 300) + &boost("b", -300)), &[]);
    check("[[boost]]\nname = 'a'\nwhere = 'brand == \"rare\"'\nby = -3000", &[(Warning, "relevance drowns")]);
    check("[[boost]]\nname = 'a'\nper = 'price_band'\nby = 300", &[(Warning, "relevance drowns")]);
    check("[[boost]]\nname = 'a'\nper = 'price_band'\nby = 300\namong = 20", &[]);
    check("[[boost]]\nname = 'a'\nper = 'brand'\nby = 30", &[(Error, "nothing can be added")]);
    check("[[boost]]\nname = 'a'\nper = 'margin'\nby = 30", &[(Error, "no column margin")]);
    let when = |when: &str| pin("a", &format!("item = 'item 00'\nrank = 1\nwhen = \"{when}\""));
    check(&when("segment == 'buyer' and 'item 01' in cart"), &[]);
    check(&when("segment == 'customer'"), &[(Error, "no request fulfills")]);
    check(&when("not segment == 'new' and not segment != 'new'"), &[(Error, "no request fulfills")]);
    check(&when("not surface == 'home' and not surface != 'home'"), &[(Error, "no request fulfills")]);
    check(&("context = ['region']\n".to_owned() + &when("not region == 'north' and not region != 'north'")), &[]);
    check(&when("not touched in [0]"), &[]);
    check(&when("touched in [3] and touched < 3"), &[(Error, "no request fulfills")]);
    check(&when("not touched <= -5"), &[]);
    check(&when("'item 01' in cart and not 'item 01' in cart"), &[(Error, "no request fulfills")]);
    check(&when("'item 01' in cart and not 'item 01' in bought"), &[]);
    check(&when("placement == 'feed'"), &[(Warning, "no placement is called \"feed\"")]);
    let at_feed = |rank: u32, of: &str, rest: &str| {
        let placement = format!("[[placement]]\nname = 'feed'\nsurface = 'home'\nlimit = 12\nwhere = \"{of}\"\n");
        let when = "when = \"placement == 'feed'\"";
        placement + &pin("a", &format!("item = 'item 00'\nrank = {rank}\n{when}\n{rest}"))
    };
    check(&at_feed(12, "brand != 'acme'", ""), &[]);
    check(&at_feed(13, "brand != 'acme'", ""), &[(Error, "have fewer ranks")]);
    check(&at_feed(1, "brand != 'rare'", ""), &[(Error, "bars the item")]);
    check(&at_feed(1, "brand != 'acme'", "surfaces = ['cart']"), &[(Error, "no request fulfills")]);
    check(
        "[[filter]]\nname = 'a'\ndrop = \"category in bought(90) or 'item 99' in cart\"",
        &[(Warning, "item \"item 99\"")],
    );
    check(
        "context = ['landing']\n[[filter]]\nname = 'a'\ndrop = 'price_band == landing'",
        &[(Error, "compared with words")],
    );
    check("[[incompatible]]\nname = 'a'\nitems = ['item 01', 'item 99']", &[(Warning, "item \"item 99\"")]);
    let quota = |name: &str, rest: &str| format!("[[quota]]\nname = '{name}'\n{rest}\n");
    let acme = "where = 'brand == \"acme\"'";
    check(&quota("a", &format!("at_least = 2\nfirst = 4\n{acme}")), &[]);
    check(&quota("a", &format!("at_least = 5\nfirst = 4\n{acme}")), &[(Error, "at least 5 among the first 4")]);
    check(&quota("a", "at_least = 2\nfirst = 4\nwhere = 'brand == \"rare\"'"), &[(Warning, "the model has 1")]);
    let pair = quota("a", &format!("at_least = 3\nfirst = 4\n{acme}"))
        + &quota("b", "at_least = 2\nfirst = 4\nwhere = 'brand == \"bora\"'");
    check(&pair, &[(Error, "together with quota \"a\" it asks for 5 of 4 places")]);
    check(&(pair + "surfaces = ['home']"), &[(Error, "it asks for 5 of 4 places")]);
    check(
        &(quota("a", &format!("at_least = 3\nfirst = 4\n{acme}"))
            + &quota("b", "at_least = 2\nfirst = 4\nwhere = 'price_band == 1'")),
        &[],
    );
    // There are eight of a price band, of which no more can be asked for.
    let band = quota("a", "at_least = 11\nfirst = 12\nwhere = 'price_band == 1'");
    let of_band = |least: u32| quota("b", &format!("at_least = {least}\nfirst = 12\nwhere = 'price_band == 2'"));
    check(&(band.clone() + &of_band(4)), &[(Warning, "the model has 8")]);
    check(&(band + &of_band(5)), &[(Error, "it asks for 13 of 12 places"), (Warning, "the model has 8")]);
    let acme = |rest: &str| quota("a", &format!("at_least = 2\nfirst = 2\nwhere = 'brand == \"acme\"'\n{rest}"));
    let (acme_pin, other_pin) = ("item = 'item 03'\nrank = 1", "item = 'item 00'\nrank = 1");
    check(&(pin("p", acme_pin) + &acme("")), &[]);
    check(&(pin("p", other_pin) + &acme("")), &[(Error, "it asks for 2 of 1 places left by pin \"p\"")]);
    check(&(pin("p", &format!("{other_pin}\nsurfaces = ['home']")) + &acme("")), &[(Warning, "2 of 1 places")]);
    check(&(pin("p", &format!("{other_pin}\nsurfaces = ['home']")) + &acme("surfaces = ['cart']")), &[]);
    check(&(pin("p", "item = 'item 00'\nrank = 3") + &acme("")), &[]);
    let reserve = |of: &str| format!("[[reserve]]\nname = 'r'\nrank = 2\nwhere = '{of}'\n");
    check(&(reserve("price_band == 1") + &acme("")), &[]);
    check(&(reserve("brand == \"bora\"") + &acme("")), &[(Error, "2 of 1 places left by reserve \"r\"")]);
    // What filters bar cannot be given a rank.
    check(&(bars.to_owned() + &reserve("brand == \"rare\"")), &[(Error, "all its items are barred by filter \"f\"")]);
    check(&(bars.to_owned() + "surfaces = ['home']\n" + &reserve("brand == \"rare\"")), &[]);
    let few = quota("a", "at_least = 2\nfirst = 4\nwhere = 'brand in [\"rare\", \"acme\"]'");
    let no_acme = "[[filter]]\nname = 'g'\ndrop = 'brand == \"acme\"'\n";
    check(&(no_acme.to_owned() + &few), &[(Warning, "the model has 1")]);
    check(&(no_acme.to_owned() + &acme("")), &[(Error, "all its items are barred by filter \"g\"")]);
    let acme = "where = 'brand == \"acme\"'";
    let cap = "[[cap]]\nname = 'c'\nat_most = 1\nper = 'brand'\nfirst = 4\n";
    check(
        &(cap.to_owned() + &quota("a", &format!("at_least = 2\nfirst = 4\n{acme}"))),
        &[(Error, "cap \"c\" allows 1")],
    );
    check(&(cap.to_owned() + &quota("a", "at_least = 2\nfirst = 4\nwhere = 'price_band == 1'")), &[]);
    check(&(cap.replace("first = 4", "first = 3") + &quota("a", &format!("at_least = 2\nfirst = 4\n{acme}"))), &[]);
    let placement = |rest: &str| format!("[[placement]]\nname = 'feed'\n{rest}\n");
    check(&placement("draw = ['popular']"), &[]);
    check(&placement("draw = ['together', 'popular']"), &[(Warning, "the model has no neighbor rows")]);
    check(&placement("draw = ['discovery', 'popular']"), &[]);
    check(&placement("draw = ['popular', 'discovery']"), &[(Warning, "behind another step finds nothing")]);
    check(&placement("where = 'brand == \"rare\"'"), &[(Warning, "leave 1 of 40 items; it needs 10")]);
    check(&placement("where = 'brand == \"rare\"'\nlimit = 1"), &[]);
    check(&(bars.to_owned() + &placement("where = 'brand == \"rare\"'")), &[(Error, "leave 0 of 40")]);
    check(&(bars.to_owned() + "surfaces = ['cart']\n" + &placement("where = 'brand == \"rare\"'\nlimit = 1")), &[]);
    let question = |of: &str| format!("[[question]]\nname = 'q'\n[[question.answer]]\nname = 'a'\nwhere = '{of}'\n");
    check(&question("price_band == 1"), &[]);
    check(&question("price_band == 9"), &[(Warning, "it concerns no item")]);
    let many: String =
        (0..101).map(|n| format!("[[boost]]\nname = 'b{n}'\nwhere = 'price_band == 1'\nby = 1\n")).collect();
    check(&many, &[(Warning, "101 rules")]);
}

#[test]
fn rules_of_another_model_are_refused() {
    let (model, rows) = (model(), [0, 1]);
    let compiled = compile(&file("[[filter]]\nname = 'a'\ndrop = 'brand == \"acme\"'")).unwrap();
    let other = Model::from_bytes(model.with_sections([(SectionKind::Rules, compiled.section.clone())])).unwrap();
    let rules = Rules::from_bytes(&model, &compiled.to_file()).unwrap();
    let page = Page { rules: Some(&rules), ..Page::default() };
    let request = RerankRequest { page, rows: &rows, ..RerankRequest::default() };
    let refused = rerank(&other, &Session::default(), &request, false, &mut Scratch::default());
    assert_eq!(refused, Err(RequestError::Rules));
    // A model with rules is as good as their own file.
    assert!(Rules::from_bytes(&model, &other.to_bytes()).is_ok());
    assert_eq!(Rules::from_bytes(&model, &model.to_bytes()).unwrap_err().code(), "ERR_MODEL_FORMAT");
}

#[test]
fn the_guide_shows_rules() {
    let guide = include_str!("../docs/RULES.md");
    let (_, example) = guide.split_once("```toml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let compiled = compile(&file(example)).unwrap();
    assert!(compiled.rules.len() > 8 && compiled.placements.len() == 1 && compiled.answers.len() == 1);
}
