//! The event log as CSV, with the dirt of a real one.

use std::io::{self, Write};

use super::assortment::Assortment;
use super::calendar::timestamp;
use super::dice::{DIRT_STREAM, Dice};
use super::refills::{Refill, Refills};
use super::sessions::{Histories, n_bots};
use super::walk::LogEvent;
use super::{SampleOptions, SampleSummary};
use crate::session::EventKind;

/// Writes every visitor's events, one visitor in memory at a time, and counts.
pub(super) fn write_events(
    file: &mut impl Write,
    store: &Assortment,
    options: &SampleOptions,
    summary: &mut SampleSummary,
) -> io::Result<()> {
    let mut log = EventLog { csv: csv::Writer::from_writer(file), store, summary, time: Vec::new() };
    log.csv.write_record(["visitor_id", "timestamp", "event", "item_id", "query", "quantity"])?;
    let histories = Histories::new(store, options.seed);
    let refills = Refills::new(store, options.seed);
    let n_bots = n_bots(options.shoppers);
    let mut events = Vec::new();
    for number in 0..options.shoppers {
        let visitor_id = format!("v{number:07}");
        events.clear();
        // The dirt has a stream of its own, so that it does not change what people do.
        let dirt = &mut Dice::new(options.seed, DIRT_STREAM + u64::from(number));
        let mut bought_again = Vec::new();
        if number < options.shoppers - n_bots {
            log.summary.sessions += u64::from(histories.shopper(number, &mut events));
            bought_again = refills.of_shopper(number, &events);
            log.summary.sessions += bought_again.len() as u64;
        } else {
            log.summary.bots += 1;
            histories.bot(number, &mut events);
        }
        log.summary.visitors += 1;
        let mut bought_again = bought_again.into_iter().peekable();
        for event in &events {
            while let Some(refill) = bought_again.next_if(|refill| refill[0].seconds < event.seconds) {
                log.write_refill(&visitor_id, &refill)?;
            }
            log.write(&visitor_id, event, dirt)?;
        }
        for refill in bought_again {
            log.write_refill(&visitor_id, &refill)?;
        }
    }
    log.csv.flush()
}

/// The event log while it is written.
struct EventLog<'a, W: Write> {
    csv: csv::Writer<W>,
    store: &'a Assortment,
    summary: &'a mut SampleSummary,
    /// Room for a timestamp.
    time: Vec<u8>,
}

impl<W: Write> EventLog<'_, W> {
    /// Writes an event, sometimes twice, sometimes without its item.
    fn write(&mut self, visitor_id: &str, event: &LogEvent, dirt: &mut Dice) -> io::Result<()> {
        let loses_item = event.item.is_some() && dirt.below(1_000) == 0;
        self.line(visitor_id, event, event.seconds, loses_item)?;
        self.summary.missing_item_ids += u64::from(loses_item);
        if event.kind == EventKind::View && dirt.below(64) == 0 {
            self.line(visitor_id, event, event.seconds + dirt.between(1, 3), loses_item)?;
            self.summary.refreshes += 1;
        }
        Ok(())
    }

    /// Writes a refill, of which nothing is lost: that would take draws from the rest.
    fn write_refill(&mut self, visitor_id: &str, refill: &Refill) -> io::Result<()> {
        refill.iter().try_for_each(|event| self.line(visitor_id, event, event.seconds, false))
    }

    fn line(&mut self, visitor_id: &str, event: &LogEvent, seconds: u32, loses_item: bool) -> io::Result<()> {
        self.summary.events += 1;
        self.summary.purchases += u64::from(event.kind == EventKind::Purchase);
        self.time.clear();
        write!(self.time, "{}", timestamp(seconds))?;
        let item_id = match event.item {
            Some(item) if !loses_item => self.store.items[item as usize].id.as_str(),
            _ => "",
        };
        let quantity = if event.quantity == 0 { String::new() } else { event.quantity.to_string() };
        self.csv.write_field(visitor_id)?;
        self.csv.write_field(&self.time)?;
        self.csv.write_field(event.kind.name())?;
        self.csv.write_field(item_id)?;
        self.csv.write_field(event.query)?;
        self.csv.write_field(quantity)?;
        self.csv.write_record(None::<&[u8]>)?;
        Ok(())
    }
}
