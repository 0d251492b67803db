use alloc::string::String;
use alloc::vec::Vec;

use super::Model;
use crate::format::FormatError;
use crate::format::attributes::STEP;
use crate::format::container::{Container, SectionKind};
use crate::format::ids;
use crate::format::message::push_digits;
use crate::format::rules::{RuleBook, VariableKind};
use crate::kernels::sorted;
use crate::lists::Gather;

/// Whether a word is a path or lies under it. Under the empty path lies nothing.
pub(crate) fn is_within(word: &str, path: &str) -> bool {
    let rest = word.as_bytes().strip_prefix(path.as_bytes());
    rest.is_some_and(|rest| rest.is_empty() || !path.is_empty() && rest.starts_with(STEP.as_bytes()))
}

/// So many steps of a path are told apart: a word of steps alone must not take the square of its length.
const MAX_STEPS: usize = 64;

/// Rules, checked once and bound to a model: what they call by words is looked up in its columns.
#[derive(Debug)]
pub struct Rules {
    section: Vec<u8>,
    /// Of the file that they came in.
    id: u64,
    /// Of the model that they are bound to.
    model: u64,
    /// By variable.
    words: Vec<Words>,
}

/// What the words that rules name are called in a column: pairs of a word's number in the rules and in the column,
/// ascending.
#[derive(Debug, Default)]
pub struct Words {
    /// For words that are equal.
    pub is: Vec<(i32, u32)>,
    /// For paths that begin with the rules' path.
    pub under: Vec<(i32, u32)>,
}

impl Rules {
    /// Takes the bytes of a file that has rules, a `store.rules` as well as a whole model, and checks all of them.
    /// O(bytes + words of the model's columns).
    ///
    /// # Errors
    ///
    /// Any [`FormatError`].
    pub fn from_bytes(model: &Model, file: &[u8]) -> Result<Rules, FormatError> {
        let container = Container::parse(file)?;
        let range = container.require(SectionKind::Rules)?;
        Rules::bind(model, file[range].to_vec(), container.id)
    }

    pub(super) fn bind(model: &Model, section: Vec<u8>, id: u64) -> Result<Rules, FormatError> {
        let book = RuleBook::parse(&section)?;
        book.validate()?;
        let words = (0..book.n_variables()).map(|at| words(model, &book, at)).gather();
        Ok(Rules { id, model: model.container.id, words, section })
    }

    /// Hash of the file that they came in: the model's own if they came with it. Shown as 16 hexadecimal digits.
    pub fn id(&self) -> String {
        let mut digits = String::new();
        push_digits(&mut digits, self.id, 16, 16);
        digits
    }

    /// What they say.
    pub fn book(&self) -> RuleBook<'_> {
        RuleBook::parse(&self.section).unwrap_or_else(|_| unreachable!("the section was parsed when it was bound"))
    }

    /// What the words are called in a variable's column; empty where it has none.
    pub fn words(&self, variable: usize) -> &Words {
        &self.words[variable]
    }

    /// Whether they are bound to this model.
    pub fn are_bound_to(&self, model: &Model) -> bool {
        self.model == model.container.id
    }
}

fn words(model: &Model, book: &RuleBook, variable: usize) -> Words {
    let variable = book.variable(variable);
    match variable.kind {
        VariableKind::Item => {
            let known = (0..book.n_words()).filter_map(|word| Some((word as i32, model.ids().row(book.word(word))?)));
            Words { is: sorted(known), under: Vec::new() }
        }
        VariableKind::Attribute => {
            let Some(column) = model.column(variable.name) else {
                return Words::default();
            };
            let (mut is, mut under) = (Vec::new(), Vec::new());
            let find = |text: &str| book.find_word(ids::hash(text));
            for (text, number) in column.words().zip(1..) {
                is.extend(find(text).map(|word| (word, number)));
                // Not a search for text, which would put a whole algorithm into the WebAssembly.
                let steps =
                    text.as_bytes().windows(STEP.len()).zip(0..).filter(|&(window, _)| window == STEP.as_bytes());
                let ends = [text.len()].into_iter().chain(steps.map(|(_, end)| end));
                under.extend(ends.take(MAX_STEPS).filter_map(|end| Some((find(text.get(..end)?)?, number))));
            }
            Words { is: sorted(is.into_iter()), under: sorted(under.into_iter()) }
        }
        _ => Words::default(),
    }
}
