//! What is sensitive is marked, and nothing is learned from it or to it.

use std::fmt::Write;

use reshelve::format::attributes::{FLAG_SENSITIVE, FLAGS};
use reshelve::model::Model;

use super::file::reshelve;
use super::store::{N_ITEMS, id, visitors};

#[test]
fn nothing_is_learned_of_what_is_sensitive() {
    let folder = tempfile::tempdir().unwrap();
    let mut events = "visitor_id,timestamp,item_id\n".to_owned();
    for (visit, visitor) in visitors(400, 8).iter().zip(0..) {
        for (step, item) in (0..).zip(visit) {
            writeln!(events, "v{visitor},{},{}", 1_760_000_000 + 4_000 * visitor + 60 * step, id(*item)).unwrap();
        }
    }
    // Kinds 0 to 9 are in health, in capital letters; 10 to 19 in a narrower category than is named; one is flagged.
    let mut catalog = "item_id,title,category,sensitive\n".to_owned();
    for item in 0..N_ITEMS {
        let (category, title) = match item / 10 {
            0 => ("Health".to_owned(), "test".to_owned()),
            1 => ("adult > toys > small".to_owned(), "toy".to_owned()),
            2 => ("adult > books".to_owned(), "book".to_owned()),
            kind => (format!("kind {kind}"), format!("thing {kind}")),
        };
        writeln!(catalog, "{},{title},{category},{}", id(item), u32::from(item == 55)).unwrap();
    }
    let config = "[privacy]\nsensitive = [\"health\", \"adult > toys\", \"helth\"]\n";
    for (name, text) in [("events.csv", events.as_str()), ("catalog.csv", &catalog), ("store.toml", config)] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let build = ["build", "--events", "events.csv", "--config", "store.toml", "-o", "store.shelf"];
    let told = reshelve(folder.path(), &[&build[..], &["--catalog", "catalog.csv"]].concat());
    assert!(told.contains("\"helth\", and no item is in that category"), "{told}");
    assert!(told.contains("their item is sensitive"), "{told}");

    let model = Model::from_bytes(std::fs::read(folder.path().join("store.shelf")).unwrap()).unwrap();
    let flags = model.attributes().unwrap().column(FLAGS).unwrap();
    let (rows, embeddings) = (model.neighbors().unwrap(), model.embeddings().unwrap());
    let mut n_sensitive = 0;
    let is_sensitive = |row: u32| flags.value(row) & FLAG_SENSITIVE != 0;
    for item in 0..N_ITEMS {
        let row = model.row(&id(item)).unwrap();
        assert_eq!(is_sensitive(row), item < 20 || item == 55, "{item}");
        if is_sensitive(row) {
            n_sensitive += 1;
            assert_eq!(rows.row(row).count(), 0, "{item} leads to something");
            assert!(embeddings.vector(row).iter().all(|&x| x == 0), "{item} is near something");
            assert_eq!(model.popularity().unwrap().value(row), 0, "{item} is popular");
        } else {
            assert!(rows.row(row).all(|(other, _)| !is_sensitive(other)), "{item} leads to something sensitive");
        }
    }
    assert_eq!(n_sensitive, 21);
    let leaks: serde_json::Value =
        serde_json::from_str(&reshelve(folder.path(), &["inspect", "--leaks", "--json", "store.shelf"])).unwrap();
    assert_eq!((&leaks["sensitive_items"], &leaks["problems"]), (&21.into(), &serde_json::json!([])));
}
