//! Golden cases: model, session and request on one side, order and integer scores on the other.
//!
//! `cases.json` and the models beside it are read by this test and by every JavaScript runtime: all must agree to the
//! bit. `RESHELVE_BLESS=1 cargo test --test golden` writes them anew; do that only with a new format version, and keep
//! the old files under another name.

mod make;
mod run;
mod shape;

use std::path::{Path, PathBuf};

use shape::Golden;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

#[test]
fn every_case_gives_its_order_and_scores() {
    let folder = folder();
    if std::env::var_os("RESHELVE_BLESS").is_some() {
        make::write(&folder);
    }
    let text = std::fs::read_to_string(folder.join("cases.json")).expect("the cases are in the repository");
    let golden: Golden = serde_json::from_str(&text).expect("the cases have their shape");
    assert!(golden.cases.len() >= 100, "only {} cases", golden.cases.len());
    for case in &golden.cases {
        let model = run::load(&folder.join(&golden.models[&case.model]));
        let expected = case.expect.as_ref().unwrap_or_else(|| panic!("{} expects nothing", case.name));
        assert_eq!(&run::answer(&model, case), expected, "{}", case.name);
    }
}
