//! What a store's data are enough for. All thresholds stand here; `docs/EVALUATION.md` has the table that they come from.

use std::fmt;

use serde::Serialize;

use super::universe::Universe;
use super::{Catalog, CatalogItem, Privacy, Sessions};

/// Fewest steps from one item to another that neighbor rows are solved from: below, too few pairs have been met twice for
/// rows to add to content.
pub const MIN_STEPS_FOR_ROWS: u64 = 700;
/// Fewest steps that the embedding is learned from where there is content: below, rows and content find more of the next
/// items.
pub const MIN_STEPS_FOR_EMBEDDING: u64 = 1_000;
/// The same where there is no content: below, nothing finds more than popularity.
pub const MIN_STEPS_WITHOUT_CONTENT: u64 = 100;
/// Fewest events that popularity is counted from: below, what is popular is what a few people happened to look at.
pub const MIN_EVENTS_FOR_POPULARITY: u64 = 50;
/// Smallest share of the items that the catalog must say something of, beside their price, to place items by content.
pub const MIN_SHARE_WITH_CONTENT: f64 = 0.5;

/// What a model is made of, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The items, their attributes, and the store's own order or what there is of popularity. Lists keep their order.
    Curated,
    /// Items are like each other by what the catalog says of them; beside that, popularity.
    ContentAndPopularity,
    /// The same, and what goes with what.
    RowsOnly,
    /// The learned embedding, rows, and items without events placed by content.
    Full,
}

impl Level {
    /// Every level, from the least to the most.
    pub const ALL: [Level; 4] = [Level::Curated, Level::ContentAndPopularity, Level::RowsOnly, Level::Full];

    /// The name that the command line and JSON use.
    pub fn name(self) -> &'static str {
        match self {
            Level::Curated => "curated",
            Level::ContentAndPopularity => "content_and_popularity",
            Level::RowsOnly => "rows_only",
            Level::Full => "full",
        }
    }

    /// The level in a person's words.
    pub fn sentence(self) -> &'static str {
        match self {
            Level::Curated => {
                "curated: too little to learn from. Recommendations are the most popular items or the catalog's order, and \
                 lists keep the store's order"
            }
            Level::ContentAndPopularity => {
                "content and popularity: too few steps from item to item to learn from. Items are like each other by what \
                 the catalog says of them"
            }
            Level::RowsOnly => "rows only: enough to say what goes with what, too little to learn an embedding",
            Level::Full => "full model: enough to learn an embedding and what goes with what",
        }
    }
}

/// What is counted to judge.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Evidence {
    /// Events with items of the model.
    pub events: u64,
    /// Events that came right after one with another item, in the same session.
    pub steps: u64,
    /// Items of the model.
    pub items: u64,
    /// Share of the items that the catalog says something of, beside their price. 0 to 1.
    pub share_with_content: f64,
}

/// What the data are enough for, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// What is built.
    pub level: Level,
    /// What was counted.
    pub evidence: Evidence,
    /// What would lift it to the next level, in sentences; nothing at the highest.
    pub next: Vec<String>,
}

impl Verdict {
    /// Judges what may be learned of a log, over the items of the catalog if there is one.
    pub fn of(sessions: &Sessions, catalog: Option<&Catalog>, privacy: &Privacy) -> Verdict {
        Verdict::of_universe(&Universe::new(sessions, catalog, privacy))
    }

    pub(super) fn of_universe(universe: &Universe) -> Verdict {
        let sessions = &universe.sessions;
        let steps =
            |session: &[super::Interaction]| session.windows(2).filter(|pair| pair[0].item != pair[1].item).count();
        let n_with_content = universe.catalog.iter().filter(|item| says_something(item)).count();
        let items = sessions.item_ids.len();
        Verdict::from(Evidence {
            events: sessions.events.len() as u64,
            steps: sessions.iter().map(steps).sum::<usize>() as u64,
            items: items as u64,
            share_with_content: n_with_content as f64 / items.max(1) as f64,
        })
    }
}

fn says_something(item: &CatalogItem) -> bool {
    let CatalogItem { title, description, category, brand, attributes, .. } = item;
    title.is_some() || description.is_some() || !category.is_empty() || brand.is_some() || !attributes.is_empty()
}

impl From<Evidence> for Verdict {
    fn from(evidence: Evidence) -> Verdict {
        let Evidence { events, steps, share_with_content, .. } = evidence;
        let has_content = share_with_content >= MIN_SHARE_WITH_CONTENT;
        let level = match () {
            () if steps >= MIN_STEPS_FOR_EMBEDDING => Level::Full,
            () if !has_content && steps >= MIN_STEPS_WITHOUT_CONTENT => Level::Full,
            () if !has_content => Level::Curated,
            () if steps >= MIN_STEPS_FOR_ROWS => Level::RowsOnly,
            () if events >= MIN_EVENTS_FOR_POPULARITY => Level::ContentAndPopularity,
            () => Level::Curated,
        };
        let steps_to = |needed: u64, what: &str| {
            format!("{what} needs {needed} steps from one item to another within sessions: {} more", needed - steps)
        };
        let mut next = Vec::new();
        match level {
            Level::Full => {}
            Level::RowsOnly => next.push(steps_to(MIN_STEPS_FOR_EMBEDDING, "the full model")),
            Level::ContentAndPopularity => next.push(steps_to(MIN_STEPS_FOR_ROWS, "rows only")),
            Level::Curated => {
                if events < MIN_EVENTS_FOR_POPULARITY {
                    let more = MIN_EVENTS_FOR_POPULARITY - events;
                    next.push(format!("content and popularity needs {MIN_EVENTS_FOR_POPULARITY} events: {more} more"));
                }
                if !has_content {
                    next.push(format!(
                        "content and popularity needs a catalog with a title, a category, a brand or attributes for {:.0} % \
                         of the items; {:.0} % have one",
                        100.0 * MIN_SHARE_WITH_CONTENT,
                        100.0 * share_with_content
                    ));
                }
                next.push(match has_content {
                    true => steps_to(MIN_STEPS_FOR_ROWS, "rows only"),
                    false => steps_to(MIN_STEPS_WITHOUT_CONTENT, "without one, the full model"),
                });
            }
        }
        Verdict { level, evidence, next }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Evidence { events, steps, items, .. } = self.evidence;
        write!(formatter, "{}\n  from {events} events, {steps} steps, {items} items", self.level.sentence())?;
        self.next.iter().try_for_each(|next| write!(formatter, "\n  {next}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_enough_for_a_level() {
        let check = |events, steps, share_with_content, expected: Level, next: &str| {
            let verdict = Verdict::from(Evidence { events, steps, items: 100, share_with_content });
            assert_eq!(verdict.level, expected, "{verdict}");
            assert_eq!(verdict.next.join("; "), next);
        };
        let (rows, embedding, popular) = (MIN_STEPS_FOR_ROWS, MIN_STEPS_FOR_EMBEDDING, MIN_EVENTS_FOR_POPULARITY);
        check(popular, MIN_STEPS_WITHOUT_CONTENT, 0.0, Level::Full, "");
        let rows_need = |steps: u64| {
            format!("rows only needs {rows} steps from one item to another within sessions: {} more", rows - steps)
        };
        check(embedding, embedding, 0.0, Level::Full, "");
        check(
            embedding,
            embedding - 1,
            1.0,
            Level::RowsOnly,
            &format!("the full model needs {embedding} steps from one item to another within sessions: 1 more"),
        );
        check(popular, rows - 1, 1.0, Level::ContentAndPopularity, &rows_need(rows - 1));
        check(
            popular - 1,
            0,
            1.0,
            Level::Curated,
            &format!("content and popularity needs {popular} events: 1 more; {}", rows_need(0)),
        );
        let catalog = "content and popularity needs a catalog with a title, a category, a brand or attributes for 50 % of the \
                       items; 25 % have one";
        let without = "without one, the full model needs 100 steps from one item to another within sessions: 1 more";
        check(popular, MIN_STEPS_WITHOUT_CONTENT - 1, 0.25, Level::Curated, &format!("{catalog}; {without}"));
    }
}
