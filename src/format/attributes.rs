//! Section 5, attributes: a column of small numbers or of dictionary words for each thing the store says of its items.

use alloc::string::String;
use alloc::vec::Vec;

use super::FormatError;
use super::bytes::{Fields, pad16, padded, u16_at, u32_at};

/// Most columns.
pub const MAX_COLUMNS: usize = 256;
/// Longest name of a column, in ASCII bytes.
pub const MAX_NAME_LEN: usize = 16;
const PART: &str = "attributes";

/// Level of popularity, 0 (never seen) to 255, on a logarithmic scale.
pub const POPULARITY: &str = "popularity";
/// The same, each event weighing half as much for every week of its age.
pub const TRENDING: &str = "trending";
/// Days after which those who buy the item again usually do, at most 65,535; 0 where that is not known.
pub const REPURCHASE_DAYS: &str = "repurchase_days";
/// Clicks in shown lists over what their slots let expect, logarithmic: 0 (never shown), 128 (as expected) to 255.
pub const CLICK_RATE: &str = "click_rate";
/// Path of categories, from the broadest, joined by [`STEP`].
pub const CATEGORY: &str = "category";
/// Between the steps of a path.
pub const STEP: &str = " > ";
/// Name of the brand.
pub const BRAND: &str = "brand";
/// Price level within the category: 1 (lowest) to 5; 0 where there is no price.
pub const PRICE_BAND: &str = "price_band";
/// Which of a few coarse steps the store's margin is on: 1 (lowest) to [`MAX_MARGIN_BAND`]; 0 where it is not known.
pub const MARGIN_BAND: &str = "margin_band";
/// Most steps.
pub const MAX_MARGIN_BAND: u8 = 8;
/// Bits: [`FLAG_ADULT`], [`FLAG_SENSITIVE`].
pub const FLAGS: &str = "flags";
/// Days from when as many visitors had met the item as the file asks for to the newest event of the log, at most 65,535.
pub const AGE_DAYS: &str = "age_days";

/// The product that the item is a variant of: the same number, from 1, for all variants; 0 where there is no other.
pub const PARENT: &str = "parent";
/// Who sells it, where the store is a market.
pub const SELLER: &str = "seller";
/// The set or series that it belongs to.
pub const SET: &str = "set";
/// Its size, in the store's own words.
pub const SIZE: &str = "size";

/// Not for minors.
pub const FLAG_ADULT: u32 = 1;
/// Never to be inferred from or reasoned about.
pub const FLAG_SENSITIVE: u32 = 2;

/// A view of the section.
#[derive(Debug, Clone)]
pub struct Attributes<'a> {
    columns: Vec<(&'a str, Column<'a>)>,
}

/// A view of one column.
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    width: usize,
    values: &'a [u8],
    ends: &'a [u8],
    text: &'a [u8],
}

/// A column before coding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// 1 to [`MAX_NAME_LEN`] ASCII characters.
    pub name: String,
    /// A number an item, by row. In a dictionary column 0 is "none" and `n` the dictionary's word `n - 1`.
    pub values: Vec<u32>,
    /// The words; empty in a column of plain numbers.
    pub dictionary: Vec<String>,
}

impl<'a> Attributes<'a> {
    /// Finds the columns. O(columns).
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`].
    pub fn parse(section: &'a [u8]) -> Result<(usize, Attributes<'a>), FormatError> {
        let mut fields = Fields::new(PART, section);
        let n_items = fields.u32() as usize;
        let n_columns = fields.u32() as usize;
        fields.reserved(8);
        let numbers = [n_columns as u64, MAX_COLUMNS as u64];
        fields.check(n_columns <= MAX_COLUMNS, "# columns, at most # are allowed", &numbers);
        fields.sound()?;
        let mut columns: Vec<(&str, Column)> = Vec::with_capacity(n_columns);
        for _ in 0..n_columns {
            let (name, column) = Column::parse(&mut fields, n_items);
            let ascends = columns.last().is_none_or(|(before, _)| *before < name);
            fields.check_named(ascends, "column @ is not in ascending order", name, &[]);
            columns.push((name, column));
        }
        fields.end()?;
        Ok((n_items, Attributes { columns }))
    }

    /// Walks all columns once: words lie in their text, values within their dictionary.
    ///
    /// # Errors
    ///
    /// [`FormatError::Unsound`].
    pub fn validate(&self) -> Result<(), FormatError> {
        self.columns.iter().try_for_each(|(name, column)| column.validate(name))
    }

    /// The column with this name, if the model has it.
    pub fn column(&self, name: &str) -> Option<Column<'a>> {
        self.columns.iter().find(|(known, _)| *known == name).map(|(_, column)| *column)
    }

    /// All columns, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, Column<'a>)> + '_ {
        self.columns.iter().copied()
    }
}

impl<'a> Column<'a> {
    fn parse(fields: &mut Fields<'a>, n_items: usize) -> (&'a str, Column<'a>) {
        let name = padded(fields.array(MAX_NAME_LEN, 1)).unwrap_or_default();
        fields.check(!name.is_empty(), "the name of a column is not ASCII", &[]);
        let width = fields.u32() as usize;
        let n_words = fields.u32() as usize;
        let text_len = fields.u32() as usize;
        fields.reserved(4);
        let sound = [1, 2, 4].contains(&width);
        fields.check_named(sound, "column @ has values of # bytes; 1, 2 and 4 are allowed", name, &[width as u64]);
        let values = fields.array(n_items, width);
        fields.align();
        let ends = fields.array(n_words, 4);
        let text = fields.array(text_len, 1);
        fields.align();
        (name, Column { width, values, ends, text })
    }

    fn validate(&self, name: &str) -> Result<(), FormatError> {
        let unsound = |template: &str, numbers: &[u64]| Err(FormatError::unsound_in(PART, template, name, numbers));
        let Ok(text) = core::str::from_utf8(self.text) else { return unsound("the words of @ are not UTF-8", &[]) };
        let mut before = 0;
        for word in 0..self.n_words() {
            let end = u32_at(self.ends, word) as usize;
            if end < before || !text.is_char_boundary(end) {
                return unsound("word # of @ ends at #", &[word as u64, end as u64]);
            }
            before = end;
        }
        if before != text.len() {
            return unsound("the words of @ do not cover its text", &[]);
        }
        let n_values = self.values.len() / self.width;
        if self.n_words() > 0 && (0..n_values as u32).any(|row| self.value(row) as usize > self.n_words()) {
            return unsound("a value of @ is beyond its # words", &[self.n_words() as u64]);
        }
        Ok(())
    }

    /// The row's number. Panics if the row is not below the number of items.
    pub fn value(&self, row: u32) -> u32 {
        match self.width {
            1 => u32::from(self.values[row as usize]),
            2 => u32::from(u16_at(self.values, row as usize)),
            _ => u32_at(self.values, row as usize),
        }
    }

    /// The row's word, in a dictionary column. Panics if the row is not below the number of items.
    pub fn word(&self, row: u32) -> Option<&'a str> {
        let word = (self.value(row) as usize).checked_sub(1)?;
        (word < self.n_words()).then(|| self.word_at(word))
    }

    /// The words of its dictionary, in order.
    pub fn words(self) -> impl Iterator<Item = &'a str> {
        (0..self.n_words()).map(move |word| self.word_at(word))
    }

    /// What [`write()`] makes this of.
    #[cfg(feature = "publish")]
    pub fn decode(self, name: &str) -> Encoded {
        let values = (0..(self.values.len() / self.width) as u32).map(|row| self.value(row)).collect();
        Encoded { name: name.into(), values, dictionary: self.words().map(String::from).collect() }
    }

    fn word_at(&self, word: usize) -> &'a str {
        let start = if word == 0 { 0 } else { u32_at(self.ends, word - 1) as usize };
        let word = &self.text[start..u32_at(self.ends, word) as usize];
        // That it is UTF-8 was found when the section was validated: one word is looked at again, not the whole text.
        core::str::from_utf8(word).unwrap_or_default()
    }

    /// How many words its dictionary has; 0 for a column of plain numbers.
    pub fn n_words(&self) -> usize {
        self.ends.len() / 4
    }
}

/// Encodes the section. Columns must be in ascending order of name.
///
/// # Errors
///
/// [`FormatError::Unsound`] if [`Attributes::parse`] would refuse the result.
///
/// # Panics
///
/// If a column has not `n_items` values.
pub fn write(n_items: usize, columns: &[Encoded]) -> Result<Vec<u8>, FormatError> {
    let mut out = Vec::new();
    out.extend((n_items as u32).to_le_bytes());
    out.extend((columns.len() as u32).to_le_bytes());
    pad16(&mut out);
    for column in columns {
        assert_eq!(column.values.len(), n_items, "a column has a value for every item");
        if column.name.len() > MAX_NAME_LEN {
            let name = &column.name;
            return Err(FormatError::unsound_in(
                PART,
                "the name @ is longer than # bytes",
                name,
                &[MAX_NAME_LEN as u64],
            ));
        }
        let mut name = column.name.clone().into_bytes();
        name.resize(MAX_NAME_LEN, 0);
        let width = match column.values.iter().max().copied().unwrap_or(0) {
            0..=0xff => 1,
            0x100..=0xffff => 2,
            _ => 4,
        };
        let text = column.dictionary.concat();
        out.extend(name);
        out.extend((width as u32).to_le_bytes());
        out.extend((column.dictionary.len() as u32).to_le_bytes());
        out.extend((text.len() as u32).to_le_bytes());
        pad16(&mut out);
        for value in &column.values {
            out.extend(&value.to_le_bytes()[..width]);
        }
        pad16(&mut out);
        let mut end = 0u32;
        for word in &column.dictionary {
            end += word.len() as u32;
            out.extend(end.to_le_bytes());
        }
        out.extend(text.as_bytes());
        pad16(&mut out);
    }
    Attributes::parse(&out)?.1.validate()?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, values: &[u32], dictionary: &[&str]) -> Encoded {
        let dictionary = dictionary.iter().map(|word| (*word).to_owned()).collect();
        Encoded { name: name.to_owned(), values: values.to_vec(), dictionary }
    }

    #[test]
    fn columns_come_back() {
        let columns = [column("brand", &[2, 0, 1], &["Ä", "Bora"]), column("popularity", &[3, 70_000, 0], &[])];
        let section = write(3, &columns).unwrap();
        let (n_items, attributes) = Attributes::parse(&section).unwrap();
        assert_eq!(n_items, 3);
        let brand = attributes.column("brand").unwrap();
        assert_eq!([brand.word(0), brand.word(1), brand.word(2)], [Some("Bora"), None, Some("Ä")]);
        let popularity = attributes.column("popularity").unwrap();
        assert_eq!([popularity.value(0), popularity.value(1)], [3, 70_000]);
        assert_eq!(popularity.word(0), None);
        assert!(attributes.column("price").is_none());
    }

    #[test]
    fn unsound_columns_are_refused() {
        let check = |columns: &[Encoded], expected: &str| {
            let error = write(1, columns).unwrap_err().to_string();
            assert!(error.contains(expected), "{error:?} should contain {expected:?}");
        };
        check(&[column("b", &[0], &[]), column("a", &[0], &[])], "ascending order");
        for value in [2, 300, 70_000] {
            check(&[column("b", &[value], &["x"])], "beyond its 1 words");
        }
        check(&[column("", &[0], &[])], "not ASCII");
        check(&[column("a name that is too long", &[0], &[])], "longer than 16 bytes");
    }
}
