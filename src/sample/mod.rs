//! A fictional store with which anyone can try Reshelve without data of their own: catalog, event log and personas.
//!
//! The store sells for outside and for coming home: tents, boots and stoves, lamps, blankets and mugs. Everything is
//! drawn from ChaCha8 streams by integer arithmetic alone, so that one seed gives the same bytes on every platform.
//!
//! # The generative model
//!
//! **Shelves.** Every category is a shelf: a table says what stands there, who makes it, at which price and
//! what it goes with. A brand has a look (technical, heritage, nordic, playful, quiet) and a price level from 1 to 4. A
//! shelf is ordered by look, level and price. Hence *substitutes* are what stands next to an item, its other colors
//! nearest of all, and *complements* are what stands at the same place of a shelf that the item goes with: whoever
//! buys a heritage jacket of level 3 finds heritage boots of about that level. Popularity on a shelf falls off as
//! Zipf's law has it; a tenth of the products is on the way up over the weeks, a tenth on the way down, and one in
//! sixteen appears only after the log has begun.
//!
//! **Shoppers** are of latent types (trekker, family, commuter, homemaker, …), which decide how likely each mission,
//! look and price level is; from these each shopper draws looks, a level, a color family and a department of their own.
//!
//! **Sessions** lie anywhere in the 13 weeks, more on Sundays and in the evening, and have a mission, such as a
//! trekking weekend or a new flat, which may be carried over from the session before; missions have seasons. The
//! session begins with what the shopper left behind, with a search, or on a shelf of the mission, and then walks: to a
//! substitute, to another item of the shelf that suits the shopper best out of a few popular ones, back to an item seen
//! before, to a complement (nearly always after something went into the cart), to a search. The better an item suits
//! the shopper, and the more often it was looked at, the sooner it goes on the wish list or into the cart, and what is
//! in the cart is bought at the end, now or in a later session, or taken out again. A few purchases are returned.
//! A visit that comes from search results is logged as a click, every other one as a view.
//!
//! **Refills.** Fuel is burned and hiking socks wear through. One shopper in sixteen keeps to one of the two best selling
//! products of these kinds and comes back for it, every 3 or 5 weeks, give or take 6 days, two to four times: straight
//! into the cart, and bought.
//!
//! **Dirt**, because real logs have it: one view in 64 is repeated within 3 seconds, as by a page refresh; one item event
//! in 1,000 has lost its item id; and one visitor in 2,000, but at least one, is a bot that reads the first 400 items of
//! the catalog, an item a second. Bots are the last visitors by id.
//!
//! # The files
//!
//! `catalog.jsonl` holds an object an item: `item_id` (`rj-0112-fjord`), `parent_id` (`rj-0112`, only where a product
//! comes in several colors), `title`, `category` (parts joined by ` > `), `brand`, `seller` (the store itself or one of
//! three guests, by brand), `price` (euros), `margin` (a share of the price), `description`, `color`, `color_hex`,
//! `accent_hex`, `material`, `size_range`, `keywords` (joined by `, `), `look`, `price_level` (1 to 4), and to draw it by,
//! `shape`, `form` and `pattern`; `available_from` is the day on which it came.
//!
//! `events.csv` has the builder's own column names: `visitor_id`, `timestamp` (RFC 3339, UTC), `event`, `item_id`,
//! `query` and `quantity`. It goes visitor by visitor, each one's events in order of time.
//!
//! `shoppers.json` names the store (`store.name`, `store.tagline`, `store.currency`) and a handful of `personas`: `id`,
//! `name`, `headline`, `description`, and the `events` that they come with, in the shape of the JavaScript API; `daysAgo`
//! stands with those of earlier visits.

mod assortment;
mod calendar;
mod catalog_file;
mod colors;
mod dice;
mod event_file;
mod missions;
mod options;
mod personas;
mod range;
mod refills;
mod sessions;
mod shoppers;
mod stock;
mod store;
mod summary;
mod walk;

pub use options::{SampleError, SampleOptions};
pub use store::{CATALOG_FILE, EVENTS_FILE, SHOPPERS_FILE, write_store};
pub use summary::SampleSummary;
