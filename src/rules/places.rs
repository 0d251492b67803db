//! Where in the text of a file its rules stand, for editors.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::RulesError;

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

impl Place {
    /// The place of a byte; the end of the text for any beyond it.
    pub fn of_byte(text: &str, at: usize) -> Place {
        let before = &text[..text.floor_char_boundary(at)];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        Place { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// The fields of all rules of a TOML text. Of any other text it knows none.
#[derive(Debug, Clone, Default)]
pub struct Places<'a> {
    text: &'a str,
    /// Bytes of values, by the rule's label and the field; fields of the file itself have the label of the file.
    fields: BTreeMap<(String, String), Range<usize>>,
}

impl<'a> Places<'a> {
    /// Reads a text.
    pub fn of_toml(text: &'a str) -> Places<'a> {
        let mut places = Places { text, fields: BTreeMap::new() };
        if let Ok(table) = DeTable::parse(text) {
            for (key, value) in table.get_ref() {
                places.add("the file", key.get_ref(), value);
                places.add_rules(key.get_ref(), "", value);
            }
        }
        places
    }

    /// Adds the elements of an array of rules; `before` stands before their names.
    fn add_rules(&mut self, kind: &str, before: &str, rules: &Spanned<DeValue<'_>>) {
        let DeValue::Array(rules) = rules.get_ref() else { return };
        for rule in rules {
            let DeValue::Table(fields) = rule.get_ref() else { continue };
            let Some(DeValue::String(name)) = fields.get("name").map(Spanned::get_ref) else { continue };
            let name = format!("{before}{name}");
            for (field, value) in fields {
                self.add(&format!("{kind} {name:?}"), field.get_ref(), value);
                self.add_rules(field.get_ref(), &format!("{name}/"), value);
            }
        }
    }

    fn add(&mut self, label: &str, field: &str, value: &Spanned<DeValue<'_>>) {
        // Of two with the same name the last one: it is what errors are about.
        self.fields.insert((label.to_owned(), field.to_owned()), value.span());
    }

    /// Where a rule stands, by its kind and name.
    pub fn of_rule(&self, label: &str) -> Option<Place> {
        self.of_field(label, "name")
    }

    /// Where the value of a field begins.
    pub fn of_field(&self, label: &str, field: &str) -> Option<Place> {
        Some(Place::of_byte(self.text, self.range(label, field)?.start))
    }

    /// Where what an error is about stands.
    pub fn of_error(&self, error: &RulesError) -> Option<Place> {
        match error {
            RulesError::Read { .. } | RulesError::Size => None,
            RulesError::Shape { place, .. } => Some(*place),
            RulesError::Value { rule, field, .. } => self.of_field(rule, field).or_else(|| self.of_rule(rule)),
            RulesError::Expression { rule, field, error } => {
                let range = self.range(rule, field)?;
                // A text with escapes is not found as it stands: then the place is that of the text.
                let at = self.text[range.clone()].find(&error.text).map_or(0, |start| start + error.at);
                Some(Place::of_byte(self.text, range.start + at))
            }
        }
    }

    fn range(&self, label: &str, field: &str) -> Option<Range<usize>> {
        self.fields.get(&(label.to_owned(), field.to_owned())).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{RuleFile, compile};
    use super::*;

    fn check(text: &str, line: usize, column: usize) {
        let error = RuleFile::from_toml("rules", text).and_then(|file| compile(&file)).expect_err(text);
        let place = Places::of_toml(text).of_error(&error);
        assert_eq!(place, Some(Place { line, column }), "{text}: {error}");
    }

    #[test]
    fn errors_have_places() {
        check("filter = 3", 1, 10);
        check("[[filter]]\nname = 'a'\ncolour = 1", 3, 1);
        check("\n[[filter]]\nname = 'a'\n  keep = 'x =='", 4, 15);
        check("[[filter]]\nname = 'ä'\nkeep = \"\"\"\nx and\ny =\"\"\"", 5, 3);
        check("[[filter]]\nname = 'a'\nkeep = \"x == \\\"\"", 3, 8);
        check("filter = [{ name = 'a', keep = 'x' }, { name = 'b' }]", 1, 48);
        check("[[boost]]\nname = 'a'\nwhere = 'x'\nby = 9000", 4, 6);
        check("context = ['1']", 1, 11);
        check("[[filter]]\nname = 'a'\nkeep = 'x'\n[[filter]]\nname = 'a'\nkeep = 'x'", 5, 8);
        check("[[question]]\nname = 'q'\n[[question.answer]]\nname = 'b'\nwhere = 'x ?'", 5, 12);
    }

    #[test]
    fn what_is_no_toml_has_no_places() {
        assert_eq!(Places::of_toml("{ \"filter\": [] }").of_rule("filter \"a\""), None);
        assert_eq!(Place::of_byte("a\nb", 99), Place { line: 2, column: 2 });
    }
}
