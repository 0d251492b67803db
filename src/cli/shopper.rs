use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;

use super::output::tell;
use super::variety::VarietyArguments;
use crate::model::Model;
use crate::rank::{ContextWord, Page};
use crate::replay::State;
use crate::session::{Event, EventId, EventKind, Lens, Session, TurnedDown, token};
use crate::train::calendar_words;

/// Who asks: the session, the page and the time.
#[derive(Debug, Args)]
pub(super) struct ShopperArguments {
    /// The shopper's events, oldest first: item ids separated by commas, each with what was done before it if that is
    /// not a view, e.g. tent-1,add_to_cart:stove-2
    #[arg(long, value_name = "EVENTS", value_delimiter = ',')]
    session: Vec<String>,
    /// The same as a JSON file, as Session.state() of the npm package gives it
    #[arg(long, value_name = "FILE", conflicts_with = "session")]
    state: Option<PathBuf>,
    /// The same as a token, as Session.token() of the npm package gives it
    #[arg(long, value_name = "TOKEN", conflicts_with_all = ["session", "state"])]
    token: Option<String>,
    /// The kind of page: search, category, product, cart, home, or a name of your own
    #[arg(long, value_name = "NAME", default_value = "")]
    surface: String,
    /// The store's placement that asks, as the rules name it
    #[arg(long, value_name = "NAME", default_value = "")]
    pub(super) placement: String,
    /// The time of the request, milliseconds since the Unix epoch [default: that of the newest event]
    #[arg(long, value_name = "MS")]
    now: Option<i64>,
    /// Hours that the store's clock is before UTC: with --now, the context's season, daypart and weekend are those of the
    /// store unless --context says them
    #[arg(long, value_name = "HOURS", default_value_t = 0.0, requires = "now", value_parser = parse_utc_offset)]
    utc_offset: f64,
    /// Go by what was done for a gift, and by nothing else
    #[arg(long)]
    gift: bool,
    /// Events that are to count as never done: their places in the session from 0, separated by commas
    #[arg(long, value_name = "PLACES", value_delimiter = ',', value_parser = parse_event_id)]
    without: Vec<EventId>,
    /// Show the parts of every score, and why each item stands where it stands
    #[arg(long)]
    pub(super) explain: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(super) json: bool,
}

/// Time between events that are given without one: long enough that no two are taken for one.
const STEP_MS: i64 = 60_000;

impl ShopperArguments {
    /// The session, whichever way it was given, as the model lets it be.
    pub(super) fn session(&self, model: &Model) -> Result<Session> {
        let session = self.given_session(model)?;
        let is_missing = |asked: &&EventId| session.log().iter().all(|(id, _)| id != *asked);
        if let Some(EventId(place)) = self.without.iter().find(is_missing) {
            bail!(
                "--without names event {place}, which the session of {} does not have; count from 0",
                session.log().len()
            );
        }
        Ok(session)
    }

    fn given_session(&self, model: &Model) -> Result<Session> {
        if let Some(token) = &self.token {
            // Without a time the request is made when the newest event happens: then no token is too old.
            let (now_ms, max_age_ms) = self.now.map_or((0, u64::MAX), |now_ms| (now_ms, token::MAX_AGE_MS));
            let (session, lost) = token::decode(model, token, now_ms, max_age_ms);
            match lost.map(token::Lost::name) {
                Some(reason) if session.is_empty() => bail!("--token {token} gives no session: {reason}"),
                Some(reason) => tell(format!("note: a part of the token is left out: {reason}")),
                None => {}
            }
            return Ok(session);
        }
        let (session, turned_down) = match &self.state {
            Some(path) => read_state(path)?.session(model),
            None => {
                let mut session = Session::default();
                let mut turned_down = Vec::new();
                for (text, number) in self.session.iter().zip(1..) {
                    turned_down.extend(session.record(model, parse_event(text, number * STEP_MS)?).err());
                }
                (session, turned_down)
            }
        };
        let count = |reason| turned_down.iter().filter(|&&why| why == reason).count();
        for (reason, what) in [
            (TurnedDown::Sensitive, "with items that are marked as sensitive"),
            (TurnedDown::Repeat, "that repeat another within half a minute"),
            (TurnedDown::TooOld, "that are older than a session reaches"),
        ] {
            if count(reason) > 0 {
                tell(format!("note: events {what} are left out: {}", count(reason)));
            }
        }
        Ok(session)
    }

    /// Which of the events count.
    pub(super) fn lens(&self) -> Lens<'_> {
        Lens { gift: self.gift, without: &self.without }
    }

    /// The page, but for its rules and what they may know.
    pub(super) fn page(&self, session: &Session, variety: &VarietyArguments) -> Page<'_> {
        Page {
            surface: &self.surface,
            placement: &self.placement,
            diversity: variety.diversity,
            discovery: variety.discovery,
            broaden: variety.broaden,
            seed: variety.seed,
            lens: self.lens(),
            ..Page::at(self.now_ms(session))
        }
    }

    /// The context with the words of the calendar that it lacks.
    pub(super) fn dated<'a>(&self, mut context: Vec<ContextWord<'a>>) -> Vec<ContextWord<'a>> {
        let utc_offset_minutes = (self.utc_offset * 60.0).round() as i32;
        for word in self.now.and_then(|now_ms| calendar_words(now_ms, utc_offset_minutes)).into_iter().flatten() {
            if context.iter().all(|(name, _)| *name != word.0) {
                context.push(word);
            }
        }
        context
    }

    /// The time of the request.
    pub(super) fn now_ms(&self, session: &Session) -> i64 {
        self.now.or_else(|| session.events().map(|event| event.timestamp_ms).max()).unwrap_or(0)
    }
}

fn parse_utc_offset(text: &str) -> Result<f64> {
    text.parse().ok().filter(|hours| (-14.0..=14.0).contains(hours)).context("give hours from -14 to 14")
}

fn parse_event_id(text: &str) -> Result<EventId> {
    text.parse().map(EventId).context("give the event's place in the session, from 0")
}

fn parse_event(text: &str, timestamp_ms: i64) -> Result<Event> {
    let (kind, item_id) = match text.split_once(':').map(|(kind, id)| (EventKind::from_name(kind), id)) {
        Some((Some(kind), item_id)) => (kind, item_id),
        // Ids may hold colons of their own.
        _ => (EventKind::View, text),
    };
    if item_id.is_empty() {
        bail!("--session has an event without an item: {text:?}; write item ids, separated by commas");
    }
    Ok(Event::new(kind, item_id, timestamp_ms))
}

fn read_state(path: &PathBuf) -> Result<State> {
    let name = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the state {name}"))?;
    let state: State = serde_json::from_str(&text)
        .with_context(|| format!("{name} is no session state; write {{\"v\": 1, \"events\": [{{\"type\": \"view\", \"itemId\": …, \"timestamp\": …}}]}}"))?;
    if state.v != 1 {
        bail!("{name} is a session state of version {}; this release reads version 1", state.v);
    }
    Ok(state)
}

/// The rows of item ids.
///
/// # Errors
///
/// Names the first id that the model does not know, and where it was given.
pub(super) fn rows(model: &Model, ids: &[String], flag: &str) -> Result<Vec<u32>> {
    let row = |id: &String| {
        model.row(id).with_context(|| {
            format!("{flag} names {id:?}, which the model does not know; check the id, or leave it out")
        })
    };
    ids.iter().map(row).collect()
}
