//! The colors that things come in, and which of them go with which look.

/// The manner of a brand, and what a shopper likes or dislikes at first sight. Shelves are ordered by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Look {
    Technical,
    Playful,
    Nordic,
    Quiet,
    Heritage,
}

impl Look {
    pub(super) const ALL: [Look; 5] = [Look::Technical, Look::Playful, Look::Nordic, Look::Quiet, Look::Heritage];

    /// As the catalog spells it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Look::Technical => "technical",
            Look::Playful => "playful",
            Look::Nordic => "nordic",
            Look::Quiet => "quiet",
            Look::Heritage => "heritage",
        }
    }

    /// The colors that a thing of this shape and look comes in, the most usual first.
    pub(super) fn palette(self, shape: &str) -> &'static [Color] {
        match self {
            // A bulb has the color of its glass, whoever makes it.
            _ if shape == "bulb" => &GLASS,
            Look::Technical => &TECHNICAL,
            Look::Playful => &PLAYFUL,
            Look::Nordic => &NORDIC,
            Look::Quiet => &QUIET,
            Look::Heritage => &HERITAGE,
        }
    }
}

/// What a shopper means who says "something in green".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Green,
    Blue,
    Warm,
    Earth,
    Pale,
    Dark,
}

impl Family {
    pub(super) const ALL: [Family; 6] =
        [Family::Green, Family::Blue, Family::Warm, Family::Earth, Family::Pale, Family::Dark];
}

/// A named color.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Color {
    /// As it stands in a title, e.g. `Pine`.
    pub(super) name: &'static str,
    /// As in CSS, e.g. `#2f4f3e`.
    pub(super) hex: &'static str,
    pub(super) family: Family,
}

const fn color(name: &'static str, hex: &'static str, family: Family) -> Color {
    Color { name, hex, family }
}

const GLASS: [Color; 3] = [
    color("Clear", "#eef3f4", Family::Pale),
    color("Opal", "#fbf6e9", Family::Pale),
    color("Amber", "#d9913a", Family::Warm),
];

const TECHNICAL: [Color; 9] = [
    color("Graphite", "#3b4148", Family::Dark),
    color("Glacier", "#9fc3cf", Family::Blue),
    color("Signal Orange", "#e8692c", Family::Warm),
    color("Deep Sea", "#1f4e68", Family::Blue),
    color("Lichen", "#a9b86a", Family::Green),
    color("Basalt", "#55595c", Family::Dark),
    color("Alpine Red", "#c4372f", Family::Warm),
    color("Spruce", "#24544a", Family::Green),
    color("Fog", "#c9cfd1", Family::Pale),
];

const PLAYFUL: [Color; 9] = [
    color("Sunflower", "#f2b632", Family::Warm),
    color("Lagoon", "#2a9d9b", Family::Blue),
    color("Coral", "#ef7a64", Family::Warm),
    color("Meadow", "#6fae4f", Family::Green),
    color("Cornflower", "#5b7fd1", Family::Blue),
    color("Raspberry", "#b93a68", Family::Warm),
    color("Liquorice", "#2f2d34", Family::Dark),
    color("Mint", "#a6d9c0", Family::Green),
    color("Vanilla", "#f4e6c1", Family::Pale),
];

const NORDIC: [Color; 9] = [
    color("Fjord", "#3f6a86", Family::Blue),
    color("Birch", "#e6dfd0", Family::Pale),
    color("Pine", "#2f4f3e", Family::Green),
    color("Cloudberry", "#e09a3e", Family::Warm),
    color("Slate", "#5d6b76", Family::Dark),
    color("Lingonberry", "#a8323a", Family::Warm),
    color("Ice Blue", "#bfd7e2", Family::Blue),
    color("Reindeer Moss", "#b5bd98", Family::Green),
    color("Driftwood", "#a3917b", Family::Earth),
];

const QUIET: [Color; 9] = [
    color("Oatmeal", "#d9cbb3", Family::Pale),
    color("Sage", "#a3ae94", Family::Green),
    color("Clay", "#b9745a", Family::Earth),
    color("Charcoal", "#414141", Family::Dark),
    color("Dusk Blue", "#7b8ea3", Family::Blue),
    color("Chalk", "#f0ece3", Family::Pale),
    color("Olive", "#6d6b46", Family::Green),
    color("Rosewood", "#8c4f4c", Family::Warm),
    color("Sand", "#cdb590", Family::Earth),
];

const HERITAGE: [Color; 9] = [
    color("Moss", "#66703a", Family::Green),
    color("Tobacco", "#7f5836", Family::Earth),
    color("Navy", "#26364f", Family::Blue),
    color("Heather", "#85718c", Family::Blue),
    color("Rust", "#a65129", Family::Warm),
    color("Bracken", "#97713b", Family::Earth),
    color("Peat", "#3e342c", Family::Dark),
    color("Loden", "#3f5544", Family::Green),
    color("Cream", "#efe4cb", Family::Pale),
];
