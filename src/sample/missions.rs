//! What brings people into the store, and which people.

/// What a session is for.
pub(super) struct Mission {
    pub(super) name: &'static str,
    /// Kinds that belong to it, with how soon and how often they are looked at.
    pub(super) kit: &'static [(&'static str, u32)],
    /// How usual it is in the first and in the last week of the log, in percent; in between it changes evenly.
    pub(super) season: (u32, u32),
}

/// A latent type of shopper.
pub(super) struct ShopperType {
    /// How many there are, relative to the other types.
    pub(super) share: u32,
    pub(super) missions: &'static [(&'static str, u32)],
    /// How likely each look is to be the favorite: technical, playful, nordic, quiet, heritage.
    pub(super) looks: [u32; 5],
    /// How likely each price level is to be the usual one.
    pub(super) levels: [u32; 4],
}

/// From the summer's end to the first frosts.
pub(super) const MISSIONS: [Mission; 14] = [
    Mission {
        name: "trekking weekend",
        kit: &[("tn", 9), ("tk", 7), ("sb", 6), ("mt", 6), ("sv", 4), ("hb", 4), ("hd", 3), ("pt", 2), ("bo", 2)],
        season: (150, 60),
    },
    Mission {
        name: "family camping",
        kit: &[("ft", 9), ("ss", 6), ("cc", 5), ("mt", 5), ("la", 4), ("pt", 3), ("pb", 3), ("em", 3), ("tr", 2)],
        season: (170, 30),
    },
    Mission { name: "new tent", kit: &[("tn", 9), ("ft", 3), ("tr", 3), ("la", 1)], season: (140, 40) },
    Mission {
        name: "camp kitchen",
        kit: &[("sv", 9), ("pt", 7), ("em", 6), ("fk", 4), ("fu", 4), ("bo", 3)],
        season: (120, 70),
    },
    Mission { name: "sleep better", kit: &[("sb", 7), ("ss", 6), ("mt", 8), ("pw", 5), ("bl", 2)], season: (120, 80) },
    Mission {
        name: "day hike",
        kit: &[("dk", 8), ("hb", 8), ("bo", 5), ("rj", 5), ("hs", 4), ("fk", 2), ("hd", 1)],
        season: (110, 90),
    },
    Mission { name: "rain", kit: &[("rj", 9), ("cy", 4), ("hb", 3), ("fl", 2)], season: (70, 140) },
    Mission { name: "commute", kit: &[("cy", 9), ("rj", 5), ("bo", 4), ("fk", 3), ("bn", 2)], season: (100, 110) },
    Mission {
        name: "winter wardrobe",
        kit: &[("ij", 9), ("wb", 7), ("ws", 5), ("bn", 5), ("hs", 3), ("bl", 3)],
        season: (20, 220),
    },
    Mission {
        name: "wool",
        kit: &[("ws", 9), ("fl", 4), ("bl", 4), ("bn", 4), ("hs", 4), ("dz", 3)],
        season: (40, 170),
    },
    Mission {
        name: "new flat",
        kit: &[("tl", 7), ("pd", 7), ("fm", 5), ("bu", 5), ("ac", 4), ("so", 4), ("cu", 4), ("mg", 3)],
        season: (110, 100),
    },
    Mission {
        name: "cozy evening",
        kit: &[("wt", 9), ("cu", 7), ("cl", 5), ("mg", 5), ("dz", 5), ("tl", 4), ("ac", 2)],
        season: (40, 190),
    },
    Mission { name: "tea kitchen", kit: &[("mg", 9), ("kt", 7), ("cp", 5), ("fk", 2), ("pd", 1)], season: (80, 120) },
    Mission {
        name: "a gift",
        kit: &[
            ("mg", 5),
            ("bn", 5),
            ("em", 5),
            ("wt", 5),
            ("hs", 4),
            ("cl", 4),
            ("hd", 3),
            ("fk", 3),
            ("dz", 3),
            ("bo", 3),
        ],
        season: (70, 150),
    },
];

/// Who comes.
pub(super) const TYPES: [ShopperType; 8] = [
    // The trekker.
    ShopperType {
        share: 16,
        missions: &[
            ("trekking weekend", 9),
            ("new tent", 4),
            ("sleep better", 4),
            ("camp kitchen", 3),
            ("day hike", 4),
            ("rain", 2),
            ("winter wardrobe", 1),
        ],
        looks: [12, 2, 3, 1, 4],
        levels: [2, 3, 6, 6],
    },
    // The family that camps.
    ShopperType {
        share: 17,
        missions: &[
            ("family camping", 9),
            ("sleep better", 3),
            ("camp kitchen", 3),
            ("rain", 3),
            ("winter wardrobe", 3),
            ("cozy evening", 1),
        ],
        looks: [2, 8, 9, 2, 1],
        levels: [6, 8, 2, 0],
    },
    // The commuter.
    ShopperType {
        share: 14,
        missions: &[("commute", 9), ("rain", 6), ("winter wardrobe", 4), ("tea kitchen", 1), ("a gift", 1)],
        looks: [7, 7, 3, 4, 2],
        levels: [2, 6, 6, 2],
    },
    // The one who makes a home.
    ShopperType {
        share: 18,
        missions: &[("new flat", 9), ("cozy evening", 6), ("tea kitchen", 4), ("wool", 1), ("a gift", 1)],
        looks: [0, 1, 7, 10, 4],
        levels: [1, 6, 8, 4],
    },
    // The rambler of the old school.
    ShopperType {
        share: 12,
        missions: &[("day hike", 8), ("wool", 6), ("rain", 5), ("winter wardrobe", 4), ("cozy evening", 2)],
        looks: [2, 0, 3, 2, 12],
        levels: [1, 5, 9, 3],
    },
    // The student with little money.
    ShopperType {
        share: 11,
        missions: &[
            ("new flat", 4),
            ("commute", 4),
            ("family camping", 2),
            ("new tent", 3),
            ("trekking weekend", 3),
            ("sleep better", 2),
            ("tea kitchen", 2),
        ],
        looks: [3, 11, 3, 2, 1],
        levels: [12, 3, 0, 0],
    },
    // The lover of wool and tea.
    ShopperType {
        share: 7,
        missions: &[("wool", 9), ("cozy evening", 6), ("tea kitchen", 6), ("a gift", 2)],
        looks: [0, 1, 7, 6, 7],
        levels: [0, 3, 8, 5],
    },
    // The one who looks for a present, and is here once or twice.
    ShopperType {
        share: 5,
        missions: &[("a gift", 9), ("cozy evening", 1), ("tea kitchen", 1)],
        looks: [3, 4, 5, 5, 4],
        levels: [3, 6, 5, 2],
    },
];

/// Where the mission with this name stands in [`MISSIONS`]. Panics if there is none: only tables of this module ask.
pub(super) fn mission_index(name: &str) -> usize {
    MISSIONS.iter().position(|mission| mission.name == name).expect("the tables name missions that exist: tested below")
}

#[cfg(test)]
mod tests {
    use super::super::range::kind_index;
    use super::*;

    #[test]
    fn every_table_names_kinds_and_missions_that_exist_once() {
        let check = |what: &str, mut found: Vec<usize>| {
            let n_found = found.len();
            found.sort_unstable();
            found.dedup();
            assert_eq!(found.len(), n_found, "{what} names one twice");
        };
        check("the list", MISSIONS.iter().map(|mission| mission_index(mission.name)).collect());
        for mission in &MISSIONS {
            check(mission.name, mission.kit.iter().map(|(code, _)| kind_index(code)).collect());
        }
        for shopper_type in &TYPES {
            check("a type", shopper_type.missions.iter().map(|(name, _)| mission_index(name)).collect());
        }
    }
}
