//! Catalogs.

use std::fs;

use reshelve::model::Model;
use reshelve::train::{
    Catalog, CatalogItem, Options, Sessions, Unwatched,
    input::{CatalogReport, Config, InputError, NoProgress, Source, read_catalog},
    learn,
};

fn read(name: &str, bytes: &[u8], config: &str) -> Result<(Catalog, CatalogReport), InputError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    let config = Config::parse("config.toml", config)?;
    read_catalog(&[Source::Path(path)], &config, &NoProgress)
}

/// An item as `id title a>b "description" name=value brand price adult sensitive`, without what it lacks.
fn told(item: &CatalogItem) -> String {
    let mut parts = vec![item.id.clone()];
    parts.extend(item.title.clone());
    parts.extend((!item.category.is_empty()).then(|| item.category.join(">")));
    parts.extend(item.description.as_ref().map(|text| format!("\"{text}\"")));
    parts.extend(item.attributes.iter().map(|(name, value)| format!("{name}={value}")));
    parts.extend(item.brand.clone());
    parts.extend(item.price.map(|price| price.to_string()));
    parts.extend(item.adult.then(|| "adult".to_owned()));
    parts.extend(item.sensitive.then(|| "sensitive".to_owned()));
    parts.join(" ")
}

fn check(config: &str, text: &str, expected: &[&str]) {
    let (catalog, report) =
        read("catalog.csv", text.as_bytes(), config).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let dropped: u64 = report.dropped.iter().map(|dropped| dropped.rows).sum();
    assert_eq!(report.rows_read, report.items + report.repeated_rows + dropped, "every row is accounted for");
    assert_eq!(catalog.items.iter().map(told).collect::<Vec<_>>(), expected, "{config}\n{text}\n{report}");
}

#[test]
fn attributes_are_read() {
    check("", "item_id\nb\na\n", &["a", "b"]);
    check(
        "",
        "item_id,title,category,brand,price,adult,sensitive\n7,Lamp,Home > Light,Lux,12.50,0,no\n8,Oil,Adult,,3,1,true\n",
        &["7 Lamp Home>Light Lux 12.5", "8 Oil Adult 3 adult sensitive"],
    );
    check("", "id,name,manufacturer,unit price\n7,Lamp,Lux,1\n", &["7 Lamp Lux 1"]);
    check("[catalog]\ncategory_separator = \"/\"", "item_id,category\n7,/Home/Light/\n", &["7 Home>Light"]);
    check("[catalog]\ncategory_separator = \"\"", "item_id,category\n7,A > B\n", &["7 A > B"]);
    check("[catalog]\ncategory = [\"a\", \"b\"]", "item_id,a,b\n7,Home,Light\n8,Home,\n", &["7 Home>Light", "8 Home"]);
    check("", "item_id,title,brand\n7,nan,null\n,Lamp,\n", &["7"]);
    check(
        "",
        "item_id,Description,Colour,material,shape\n7,Gives light.,red,tin,round\n8,,blue,,\n",
        &["7 \"Gives light.\" Colour=red material=tin", "8 Colour=blue"],
    );
    check("[catalog]\ncontent = \"shape\"", "item_id,color,shape\n7,red,round\n", &["7 shape=round"]);
    check("[catalog]\ncontent = []", "item_id,color\n7,red\n", &["7"]);
}

#[test]
fn arrays_are_values() {
    let check = |category: &str, expected: &str, sensitive: &str| {
        let text = format!(r#"{{"item_id":"7","category":{category},"color":["red","blue"],"brand":[]}}"#);
        let config = format!("[privacy]\nsensitive = [\"{sensitive}\"]");
        let (catalog, _) = read("c.jsonl", text.as_bytes(), &config).unwrap();
        assert_eq!(told(&catalog.items[0]), expected, "{category}");
    };
    check(r#"["Health", "Tests"]"#, "7 Health>Tests color=red blue sensitive", "Health");
    check(r#"["Health", "Tests"]"#, "7 Health>Tests color=red blue", "Food");
    check("[]", "7 color=red blue", "Food");
    check("[7, 8]", "7 7>8 color=red blue", "Food");
    // Several paths: the first counts, and none goes unheeded.
    check(r#"["Toys > Games", "Health > Tests"]"#, "7 Toys>Games color=red blue sensitive", "Health");
    check(r#"[["Toys", "Games"], ["Health", "Tests"]]"#, "7 Toys>Games color=red blue sensitive", "Health");
    check(r#"["Sports", "Health"]"#, "7 Sports>Health color=red blue sensitive", "Health");
}

#[test]
fn some_attributes_go_into_the_model() {
    let check = |config: &str, text: &str, item: &str, attributes: &[&str]| {
        let (catalog, _) = read("c.csv", text.as_bytes(), config).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(
            (told(&catalog.items[0]).as_str(), catalog.attributes.as_slice()),
            (item, &attributes.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()[..])
        );
    };
    let text = "item_id,Parent-ID,Merchant,Size,color\n7,p,m,s,red\n";
    check("", text, "7 parent=p seller=m size=s color=red", &["parent", "seller", "size"]);
    check("[catalog]\nattributes = \"Size\"", text, "7 Size=s color=red", &["Size"]);
    check("[catalog]\nattributes = [\"color\"]", text, "7 color=red", &["color"]);
    check("[catalog]\nattributes = { tint = \"color\" }", text, "7 tint=red", &["tint"]);
    check("[catalog]\nattributes = []", text, "7 color=red", &[]);
}

#[test]
fn ids_have_a_longest() {
    let text = format!("item_id\n{}\n{}\n", "x".repeat(1024), "x".repeat(1025));
    let (catalog, report) = read("c.csv", text.as_bytes(), "").unwrap();
    assert_eq!(catalog.items.len(), 1);
    let flaw = report.bad_lines[0].to_string();
    assert!(flaw.contains("c.csv, line 3, column `item_id`"), "{flaw}");
    assert!(flaw.ends_with("Map another column, which holds the ids"), "{flaw}");
}

#[test]
fn prices_are_numbers() {
    let price = |text: &str| {
        let (catalog, report) = read("c.csv", format!("item_id\tprice\n7\t{text}\n").as_bytes(), "").unwrap();
        (catalog.items[0].price, report.bad_prices)
    };
    for (text, expected) in [
        ("12.50", Some(12.5)),
        ("0", Some(0.0)),
        ("12", Some(12.0)),
        (".5", Some(0.5)),
        ("€ 12.50", Some(12.5)),
        ("12.50 EUR", Some(12.5)),
        ("$12", Some(12.0)),
        ("$.50", Some(0.5)),
        (".50 EUR", Some(0.5)),
        ("Rs.500", Some(500.0)),
        ("Rs. 500", Some(500.0)),
        ("Rs.500.25", Some(500.25)),
        ("500 Rs.", Some(500.0)),
        ("19,99 €", Some(19.99)),
        ("1,5", Some(1.5)),
        ("$1,299.00", Some(1299.0)),
        ("1.299,00 EUR", Some(1299.0)),
        ("1,299", Some(1299.0)),
        ("1.299", Some(1.299)),
        ("1.299.000", Some(1_299_000.0)),
        ("1 299,00 kr", Some(1299.0)),
        ("CHF 1'299.50", Some(1299.5)),
    ] {
        assert_eq!(price(text), (expected, 0), "{text}");
    }
    for text in
        ["-1", "free", "inf", "1-2", "1.2.3", "1,2,3", "10 20", "12.345,678,9", "EUR", "S/.500", "Rs..5", "US$.50"]
    {
        assert_eq!(price(text), (None, 1), "{text}");
    }
    assert_eq!(price(""), (None, 0));
    let (_, report) = read("c.csv", b"item_id\tprice\n7\t19,99\n8\t1.299\n", "").unwrap();
    assert!(report.notes[0].starts_with("1 prices have three digits behind a dot"), "{:?}", report.notes);
    let (_, report) = read("c.csv", b"item_id,price\n7,free\n", "").unwrap();
    let flaw = report.bad_lines[0].to_string();
    assert!(
        flaw.ends_with(
            "c.csv, line 2, column `price`, value \"free\": not a price. Write a number of 0 or more, e.g. 12.50"
        ),
        "{flaw}"
    );
}

#[test]
fn margins_go_no_further_than_their_band() {
    let catalog = |margin: &dyn Fn(usize) -> String| {
        let rows = (0..100).map(|item| format!("i{item:02},{}\n", margin(item)));
        format!("item_id,margin\n{}", rows.collect::<String>())
    };
    let told = |text: &str, config: &str| {
        let (catalog, report) = read("c.csv", text.as_bytes(), config).unwrap();
        let bands: Vec<u8> = catalog.items.iter().map(|item| item.margin_band).collect();
        let options = Options { created_at_ms: Some(0), ..Options::default() };
        (bands, learn(&Sessions::default(), Some(&catalog), &options, &Unwatched).unwrap().bytes, report)
    };
    let secret = |item: usize| 12_345.67 + item as f64;
    let (bands, file, report) = told(&catalog(&|item| format!("{} EUR", secret(item))), "");
    assert_eq!((report.with_margin, report.bad_margins, report.notes), (100, 0, Vec::new()));
    assert_eq!(bands, (0..100).map(|item| (item / 20 + 1) as u8).collect::<Vec<_>>());
    let model = Model::from_bytes(file.clone()).unwrap();
    let column = model.attributes().unwrap().column("margin_band").unwrap();
    assert_eq!((0..100).map(|row| column.value(row) as u8).collect::<Vec<_>>(), bands);

    // As text, as floating point and as cents: not there. And whatever else they are within their bands, the file is the same.
    for item in 0..100 {
        let (margin, text) = (secret(item), secret(item).to_string());
        let cents = (margin * 100.0) as u32;
        let forms: [&[u8]; 4] =
            [text.as_bytes(), &margin.to_le_bytes(), &(margin as f32).to_le_bytes(), &cents.to_le_bytes()];
        for form in forms {
            assert!(!file.windows(form.len()).any(|bytes| bytes == form), "{margin} is in the file as {form:?}");
        }
    }
    let as_share = |item: usize| format!("{} %", (item / 20) as f64 * 10.0 + (item * 7 % 20) as f64 / 4.0 - 5.0);
    assert_eq!(told(&catalog(&as_share), "").1, file);
    let moved = |item: usize| secret(if item == 0 { 99 } else { item }).to_string();
    assert_ne!(told(&catalog(&moved), "").1, file);

    let few = |item: usize| if item < 39 { item.to_string() } else { String::new() };
    let (bands, _, report) = told(&catalog(&few), "");
    assert_eq!((bands, report.with_margin), (vec![0; 100], 39));
    assert_eq!(
        report.notes,
        ["39 margins are too few or too much alike for bands that 20 items share: the model gets none."]
    );
    let (_, _, report) = told(&catalog(&|_| "high".to_owned()), "");
    assert_eq!((report.with_margin, report.bad_margins), (0, 100));

    let text = catalog(&|item| item.to_string());
    for config in ["attributes = { profit = \"margin\" }", "content = [\"margin\"]"] {
        let error = read("c.csv", text.as_bytes(), &format!("[catalog]\n{config}")).unwrap_err().to_string();
        assert!(error.starts_with("catalog.margin = \"margin\": also an attribute or content"), "{error}");
    }
    // Of several rows the last one, or the most frequent one.
    let twice = format!("{text}{}", text.replace("item_id,margin\n", "").replace(",0\n", ",200\n"));
    assert_eq!((told(&twice, "").0[0], told(&twice, "[catalog]\nrepeated = \"most_frequent\"").0[0]), (5, 1));
}

#[test]
fn flags_are_yes_or_no() {
    let text = "item_id,adult\na,Y\nb,F\nc,perhaps\nd,\n";
    check("", text, &["a adult", "b", "c adult", "d"]);
    assert_eq!(read("c.csv", text.as_bytes(), "").unwrap().1.bad_flags, 1);
}

#[test]
fn repeated_items_are_one() {
    let text = "item_id,title,price\na,Old,1\nb,B,2\na,,3\na,New,3\na,Old,4\n";
    check("", text, &["a Old 4", "b B 2"]);
    check("", "item_id,title,price\na,Old,1\na,,\n", &["a"]);
    check("[catalog]\nrepeated = \"most_frequent\"", text, &["a Old 3", "b B 2"]);
    // Of equals the first.
    check("[catalog]\nrepeated = \"most_frequent\"", "item_id,title\na,Y\na,X\n", &["a Y"]);
    check(
        "[catalog]\nrepeated = \"most_frequent\"",
        "item_id,color,size\na,red,1\na,blue,1\na,blue,\n",
        &["a size=1 color=blue"],
    );
    check("[catalog]\nrepeated = \"most_frequent\"", "item_id,adult\na,0\na,1\na,0\n", &["a adult"]);
    assert_eq!(read("c.csv", text.as_bytes(), "").unwrap().1.repeated_rows, 3);
}

#[test]
fn errors_name_the_place() {
    let error = |text: &str, config: &str| read("c.csv", text.as_bytes(), config).unwrap_err().to_string();
    assert!(
        error("a,b\n1,2\n", "").ends_with(
            "c.csv has no column that is known to hold the item ids; it has: a, b. Map it with [catalog] item = \"NAME\""
        ),
        "{}",
        error("a,b\n1,2\n", "")
    );
    assert!(
        error("item_id,b\n1,2\n", "[catalog]\ntitle = \"t\"").ends_with("it has: item_id, b. Mend [catalog] title")
    );
    assert!(error("item_id,b\n,2\n", "").contains("can be used: missing_item 1"));
    let many_columns: Vec<String> = (0..33).map(|number| format!("\"a{number}\"")).collect();
    for (attributes, expected) in [
        ("[\"brand\"]", "catalog.attributes = \"brand\": taken by a column of every model or a word of the rules"),
        ("[\"touched\"]", "catalog.attributes = \"touched\": taken"),
        ("[\"a b\"]", "catalog.attributes = \"a b\": no name for rules: at most 16 ASCII letters, digits and _"),
        ("[\"a_name_too_long__\"]", "no name for rules"),
        ("[\"1st\"]", "no name for rules"),
        ("[\"b\", \"b\"]", "there twice"),
        ("{ b = 1 }", "invalid type: integer `1`, expected a string"),
        ("1", "expected a column's name, a list of names, or a table of NAME = \"column\""),
        (&format!("[{}]", many_columns.join(", ")), "catalog.attributes = \"a32\": there can be 32"),
        ("[\"c\"]", "no column `c` in "),
    ] {
        let error = error("item_id,b\n1,2\n", &format!("[catalog]\nattributes = {attributes}"));
        assert!(error.contains(expected), "{error}");
    }
    let all_different: String = (0..65_536).map(|id| format!("{id},w{id}\n")).collect();
    let problem = error(&format!("item_id,b\n{all_different}"), "[catalog]\nattributes = [\"b\"]");
    assert!(problem.contains("attribute `b` has 65536 different values in "), "{problem}");
    let many = "x\n".repeat(11);
    assert!(error(&format!("item_id,b\n1,2\n{many}"), "").starts_with("11 of 12 rows cannot be understood"));
}
