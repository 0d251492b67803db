//! Finds the columns of a file: by the name that the owner gave, or under the usual names.

use super::{
    column_names::ColumnNames,
    config::{CatalogConfig, EventColumns, ImpressionConfig},
    error::InputError,
};
use crate::format::attributes::{PARENT, SELLER, SET, SIZE};

/// What a column is for.
struct Role {
    /// In messages, e.g. "the item ids".
    holds: &'static str,
    /// What to write to map it.
    mend: &'static str,
    /// The usual names, without case, spaces and punctuation; an earlier one wins over a later one.
    usual: &'static [&'static str],
}

const ITEM: Role = Role {
    holds: "the item ids",
    mend: "Map it with --item-column NAME or [columns] item = \"NAME\"",
    usual: &["itemid", "item", "productid", "product", "articleid", "sku", "asin", "movieid"],
};
const SESSION: Role = Role {
    holds: "the session ids",
    mend: "Map it with --session-column NAME or [columns] session = \"NAME\"",
    usual: &["sessionid", "session", SECOND_OF_VISIT],
};
/// What Google Analytics calls the second in which a visit began: several visitors may share it.
const SECOND_OF_VISIT: &str = "gasessionid";
const VISITOR: Role = Role {
    holds: "the visitor ids",
    mend: "Map it with --visitor-column NAME or [columns] visitor = \"NAME\"",
    usual: &["visitorid", "visitor", "userid", "user", "customerid", "clientid", "shopperid", "userpseudoid"],
};
const TIME: Role = Role {
    holds: "the timestamps",
    mend: "Map it with --time-column NAME or [columns] time = \"NAME\"; [columns] time = [] takes the rows as they \
           come",
    usual: &["timestamp", "time", "eventtime", "eventtimestamp", "datetime", "date", "createdat", "ts"],
};
const ORDER: Role = Role { holds: "the order", mend: "Mend [columns] order", usual: &[] };
const EVENT: Role = Role {
    holds: "the event words",
    mend: "Map it with --event-column NAME or [columns] event = \"NAME\"",
    usual: &["event", "eventtype", "eventname"],
};
const QUERY: Role =
    Role { holds: "the queries", mend: "Mend [columns] query", usual: &["query", "searchquery", "searchterm"] };
const QUANTITY: Role = Role {
    holds: "the quantities",
    mend: "Map it with --quantity-column NAME or [columns] quantity = \"NAME\"",
    usual: &["quantity", "qty"],
};
const CONTEXT: Role = Role { holds: "a context", mend: "Mend [events] context", usual: &[] };
const CATALOG_ITEM: Role = Role {
    holds: "the item ids",
    mend: "Map it with [catalog] item = \"NAME\"",
    usual: &["itemid", "item", "productid", "product", "articleid", "sku", "asin", "movieid", "id"],
};
const TITLE: Role =
    Role { holds: "the titles", mend: "Mend [catalog] title", usual: &["title", "name", "productname"] };
const DESCRIPTION: Role = Role {
    holds: "the descriptions",
    mend: "Mend [catalog] description",
    usual: &["description", "productdescription", "text"],
};
const CATEGORY: Role = Role {
    holds: "the categories",
    mend: "Mend [catalog] category",
    usual: &["category", "categorypath", "categories", "producttype", "categoryid"],
};
const BRAND: Role =
    Role { holds: "the brands", mend: "Mend [catalog] brand", usual: &["brand", "brandname", "manufacturer"] };
const MARGIN: Role = Role { holds: "the margins", mend: "Mend [catalog] margin", usual: &["margin"] };
const PRICE: Role = Role { holds: "the prices", mend: "Mend [catalog] price", usual: &["price", "unitprice"] };
const CONTENT: Role = Role {
    holds: "content",
    mend: "Mend [catalog] content",
    usual: &["color", "colour", "material", "pattern", "style", "gender", "season", "collection", "keywords", "tags"],
};
/// Columns of the model that are there by default, each under its first usual name.
const ATTRIBUTES: [Role; 4] = [
    attribute(&[PARENT, "parentid", "parentsku", "itemgroupid"]),
    attribute(&[SELLER, "sellerid", "merchant", "vendor"]),
    attribute(&[SET, "setid"]),
    attribute(&[SIZE, "sizerange"]),
];
const ATTRIBUTE: Role = attribute(&[]);
const fn attribute(usual: &'static [&'static str]) -> Role {
    Role { holds: "an attribute", mend: "Mend [catalog] attributes", usual }
}

const ADULT: Role = Role { holds: "the adult flags", mend: "Mend [catalog] adult", usual: &["adult"] };
const SENSITIVE: Role = Role { holds: "the sensitive flags", mend: "Mend [catalog] sensitive", usual: &["sensitive"] };

const SHOWN_ITEMS: Role = Role {
    holds: "the lists of items shown",
    mend: "Map it with [impressions] items = \"NAME\"",
    usual: &["impressions", "shownitems", "shown", "itemids", "items"],
};
const SHOWN_PRICES: Role =
    Role { holds: "the prices shown", mend: "Mend [impressions] prices", usual: &["prices", "shownprices"] };
const SURFACE: Role = Role { holds: "the surface", mend: "Mend [impressions] surface", usual: &["surface"] };

/// Where in a row of a log to look; every number is a column of the file.
#[derive(Debug)]
pub(super) struct EventPlaces {
    pub(super) item: usize,
    pub(super) session: Option<usize>,
    pub(super) visitor: Option<usize>,
    /// Whether the session's ids name one only beside the visitor's.
    pub(super) sessions_are_of_visitor: bool,
    /// None: the rows are in order.
    pub(super) time: Vec<usize>,
    pub(super) order: Option<usize>,
    pub(super) event: Option<usize>,
    pub(super) query: Option<usize>,
    pub(super) quantity: Option<usize>,
    /// Each with its name.
    pub(super) context: Vec<(String, usize)>,
}

impl EventPlaces {
    /// Finds the columns. Fails where one that is named is not there, or where item, time, or both session and visitor
    /// cannot be found.
    pub(super) fn find(
        file: &str,
        header: &[String],
        columns: &EventColumns,
        context: Option<&ColumnNames>,
    ) -> Result<EventPlaces, InputError> {
        let header = Header { file, columns: header };
        let time = match &columns.time {
            Some(names) => names.iter().map(|name| header.named(name, &TIME)).collect::<Result<_, _>>()?,
            None => vec![header.required(None, &TIME)?],
        };
        let session = header.optional(columns.session.as_deref(), &SESSION)?;
        let visitor = header.optional(columns.visitor.as_deref(), &VISITOR)?;
        let is_second = session.is_some_and(|session| plain_name(&header.columns[session]) == SECOND_OF_VISIT);
        let places = EventPlaces {
            item: header.required(columns.item.as_deref(), &ITEM)?,
            session,
            visitor,
            sessions_are_of_visitor: is_second && visitor.is_some(),
            time,
            order: header.optional(columns.order.as_deref(), &ORDER)?,
            event: header.optional(columns.event.as_deref(), &EVENT)?,
            query: header.optional(columns.query.as_deref(), &QUERY)?,
            quantity: header.optional(columns.quantity.as_deref(), &QUANTITY)?,
            context: context.map_or_else(|| Ok(Vec::new()), |names| header.all_named(names, &CONTEXT))?,
        };
        if places.session.is_none() && places.visitor.is_none() {
            return Err(InputError::Unreadable {
                file: file.to_owned(),
                problem: format!(
                    "has no column that is known to hold session or visitor ids; it has: {}. {}, or the visitors' \
                     with --visitor-column NAME or [columns] visitor = \"NAME\"",
                    header.columns.join(", "),
                    SESSION.mend
                ),
            });
        }
        Ok(places)
    }
}

/// Where in a row of a log with shown lists to look; every number is a column of the file.
#[derive(Debug)]
pub(super) struct ImpressionPlaces {
    pub(super) items: usize,
    pub(super) prices: Option<usize>,
    pub(super) surface: Option<usize>,
}

impl ImpressionPlaces {
    /// Finds the columns. Fails where one that is named, or that of the lists, is not there.
    pub(super) fn find(
        file: &str,
        header: &[String],
        columns: &ImpressionConfig,
    ) -> Result<ImpressionPlaces, InputError> {
        let header = Header { file, columns: header };
        Ok(ImpressionPlaces {
            items: header.required(columns.items.as_deref(), &SHOWN_ITEMS)?,
            prices: header.optional(columns.prices.as_deref(), &SHOWN_PRICES)?,
            surface: header.optional(columns.surface.as_deref(), &SURFACE)?,
        })
    }
}

/// Where in a row of a catalog to look; every number is a column of the file.
#[derive(Debug)]
pub(super) struct CatalogPlaces {
    pub(super) item: usize,
    pub(super) title: Option<usize>,
    pub(super) description: Option<usize>,
    pub(super) category: Vec<usize>,
    pub(super) brand: Option<usize>,
    pub(super) price: Option<usize>,
    pub(super) margin: Option<usize>,
    /// What goes into the model, each with its name there.
    pub(super) attributes: Vec<(String, usize)>,
    /// What else is learned from, each with its name.
    pub(super) content: Vec<(String, usize)>,
    pub(super) adult: Option<usize>,
    pub(super) sensitive: Option<usize>,
}

impl CatalogPlaces {
    /// Finds the columns. Fails where one that is named, or the item's, is not there.
    pub(super) fn find(file: &str, header: &[String], columns: &CatalogConfig) -> Result<CatalogPlaces, InputError> {
        let header = Header { file, columns: header };
        let category = match &columns.category {
            Some(names) => names.iter().map(|name| header.named(name, &CATEGORY)).collect::<Result<_, _>>()?,
            None => header.optional(None, &CATEGORY)?.into_iter().collect(),
        };
        let attributes = match &columns.attributes {
            Some(names) => header.all_named(names, &ATTRIBUTE)?,
            None => {
                let mut usual = Vec::new();
                for role in &ATTRIBUTES {
                    usual.extend(header.optional(None, role)?.map(|column| (role.usual[0].to_owned(), column)));
                }
                usual
            }
        };
        let mut content = match &columns.content {
            Some(names) => names
                .iter()
                .map(|name| Ok((name.clone(), header.named(name, &CONTENT)?)))
                .collect::<Result<_, InputError>>()?,
            None => header.all_usual(&CONTENT),
        };
        let margin = header.optional(columns.margin.as_deref(), &MARGIN)?;
        if attributes.iter().chain(&content).any(|(_, column)| Some(*column) == margin) {
            return Err(InputError::Setting {
                key: "catalog.margin",
                value: format!("{:?}", header.columns[margin.unwrap_or_default()]),
                problem: "also an attribute or content; margins never go into the model. Leave it out there",
            });
        }
        content.retain(|(name, column)| attributes.iter().all(|(other, at)| other != name && at != column));
        Ok(CatalogPlaces {
            item: header.required(columns.item.as_deref(), &CATALOG_ITEM)?,
            title: header.optional(columns.title.as_deref(), &TITLE)?,
            description: header.optional(columns.description.as_deref(), &DESCRIPTION)?,
            category,
            brand: header.optional(columns.brand.as_deref(), &BRAND)?,
            price: header.optional(columns.price.as_deref(), &PRICE)?,
            margin,
            attributes,
            content,
            adult: header.optional(columns.adult.as_deref(), &ADULT)?,
            sensitive: header.optional(columns.sensitive.as_deref(), &SENSITIVE)?,
        })
    }
}

struct Header<'a> {
    file: &'a str,
    columns: &'a [String],
}

impl Header<'_> {
    /// The column with exactly this name.
    fn named(&self, name: &str, role: &Role) -> Result<usize, InputError> {
        let times = self.columns.iter().filter(|column| *column == name).count();
        match self.columns.iter().position(|column| column == name) {
            Some(index) if times == 1 => Ok(index),
            Some(_) => Err(InputError::RepeatedColumn { file: self.file.to_owned(), column: name.to_owned(), times }),
            None => Err(InputError::NoColumn {
                file: self.file.to_owned(),
                column: name.to_owned(),
                columns: self.columns.to_vec(),
                mend: role.mend.to_owned(),
            }),
        }
    }

    /// The named column, or the first under a usual name, if any.
    fn optional(&self, name: Option<&str>, role: &Role) -> Result<Option<usize>, InputError> {
        if let Some(name) = name {
            return self.named(name, role).map(Some);
        }
        let plain: Vec<String> = self.columns.iter().map(|column| plain_name(column)).collect();
        for usual in role.usual {
            if let Some(index) = plain.iter().position(|column| column == usual) {
                return self.named(&self.columns[index], role).map(Some);
            }
        }
        Ok(None)
    }

    /// The columns, each with the name that it is given.
    fn all_named(&self, ColumnNames(names): &ColumnNames, role: &Role) -> Result<Vec<(String, usize)>, InputError> {
        names.iter().map(|(name, column)| Ok((name.clone(), self.named(column, role)?))).collect()
    }

    /// Every column under a usual name, with its name, in the order of the file.
    fn all_usual(&self, role: &Role) -> Vec<(String, usize)> {
        let columns = self.columns.iter().zip(0..);
        columns
            .filter(|(column, _)| role.usual.contains(&plain_name(column).as_str()))
            .map(|(column, index)| (column.clone(), index))
            .collect()
    }

    /// The same, but it must be there.
    fn required(&self, name: Option<&str>, role: &Role) -> Result<usize, InputError> {
        self.optional(name, role)?.ok_or_else(|| {
            let is_number = |column: &String| column.parse::<f64>().is_ok();
            let mend = match self.columns.iter().any(is_number) {
                true => "Its first line looks like a row: put one with the columns' names before it",
                false => role.mend,
            };
            InputError::Unreadable {
                file: self.file.to_owned(),
                problem: format!(
                    "has no column that is known to hold {}; it has: {}. {mend}",
                    role.holds,
                    self.columns.join(", "),
                ),
            }
        })
    }
}

/// `Session-ID` → `sessionid`.
fn plain_name(column: &str) -> String {
    column.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
