//! No bytes make the reader panic, and what the reader accepts, nothing that the model is asked afterwards does.
//!
//! Almost every mutation breaks a checksum, and would be refused before any section is read. So the bytes are tried
//! twice: as they are, and with lengths and checksums made good.

#![no_main]

use libfuzzer_sys::fuzz_target;
use reshelve::format::container::{ENTRY_LEN, HEADER_LEN, MAGIC, MAX_SECTIONS};
use reshelve::model::{Model, Rules};
use reshelve::publish::Part;
use reshelve::rank::{Basis, Page, RecommendRequest, RerankRequest, Scratch, Share, UNKNOWN_ROW, recommend, rerank};
use reshelve::session::{Event, EventKind, Session};
use twox_hash::XxHash64;

/// The time at which everything happens, milliseconds since the Unix epoch.
const NOW_MS: i64 = 1_700_000_000_000;

/// Rows asked about: enough to reach every branch, few enough to try many inputs.
const MOST_ROWS: u32 = 64;

/// Placements asked for.
const MOST_PLACEMENTS: usize = 4;

fuzz_target!(|bytes: &[u8]| {
    ask(bytes.to_vec());
    let mut sealed = bytes.to_vec();
    seal(&mut sealed);
    ask(sealed);
});

/// Takes the file for a part of a model, if it is one, and puts it together with what it is taken apart into.
fn join(bytes: &[u8]) {
    let Ok(part) = Part::read(bytes) else { return };
    let (even, odd) = (0..part.ids().len()).partition(|at| at % 2 == 0);
    if let (Ok(joined), Ok(written)) = (Part::join(part.split(&[even, odd])), part.write()) {
        assert_eq!(joined.write().as_ref(), Ok(&written));
    }
}

/// Opens the model, if the reader lets us, and asks it everything.
fn ask(bytes: Vec<u8>) {
    join(&bytes);
    let Ok(model) = Model::from_bytes(bytes) else { return };
    let _ = model.ids().verify();
    let n_rows = (model.n_items() as u32).min(MOST_ROWS);
    let mut session = Session::default();
    for row in 0..n_rows {
        let item_id = model.ids().id(row);
        model.row(&item_id);
        if let Some(embeddings) = model.embeddings() {
            embeddings.bias(row);
            embeddings.vector(row);
        }
        if let Some(neighbors) = model.neighbors() {
            neighbors.row(row).for_each(drop);
        }
        for (_, column) in model.attributes().iter().flat_map(|attributes| attributes.iter()) {
            column.value(row);
            column.word(row);
        }
        if row % 8 == 0 {
            let kind = if row % 16 == 0 { EventKind::View } else { EventKind::LessLikeThis };
            let _ = session.record(&model, Event::new(kind, item_id, NOW_MS - i64::from(row) * 1000));
        }
    }

    let mut scratch = Scratch::default();
    let rows: Vec<u32> = (0..n_rows).chain([UNKNOWN_ROW]).collect();
    let book = model.rules().map(Rules::book);
    let placements = book.iter().flat_map(|book| (0..book.n_placements()).map(|at| book.placement_at(at).name));
    let placements = placements.take(MOST_PLACEMENTS).chain([""]);
    for (surface, placement) in ["search", "cart"].into_iter().cycle().zip(placements.chain([""])) {
        let page = Page { surface, placement, context: &[("season", "q1")], ..Page::at(NOW_MS) };
        let request = RerankRequest {
            page: Page { diversity: Share::new(0.5), ..page },
            rows: &rows,
            strength: Some(Share::ONE),
            ..RerankRequest::default()
        };
        let ranking = rerank(&model, &session, &request, true, &mut scratch).expect("the request is sound");
        let mut places: Vec<usize> = ranking.placed.iter().map(|placed| placed.from).collect();
        places.sort_unstable();
        assert!(places.into_iter().eq(0..rows.len()), "an order is a permutation of what came in");
        for basis in [Basis::Session, Basis::Similar, Basis::Together] {
            let request = RecommendRequest { page, limit: 10, basis: Some(basis), ..RecommendRequest::default() };
            let found = recommend(&model, &session, &request, true, &mut scratch).expect("the request is sound");
            assert!(found.items.iter().all(|item| (item.row as usize) < model.n_items()));
        }
    }
}

/// Makes the magic, the lengths, the offsets and the checksums agree with the bytes that are there.
fn seal(file: &mut Vec<u8>) {
    if file.len() < HEADER_LEN {
        return;
    }
    file[..MAGIC.len()].copy_from_slice(&MAGIC);
    let n_sections = u32::from_le_bytes(file[12..16].try_into().expect("four bytes")) % (MAX_SECTIONS + 1);
    let table_end = HEADER_LEN + n_sections as usize * ENTRY_LEN;
    if file.len() < table_end {
        return;
    }
    file[12..16].copy_from_slice(&n_sections.to_le_bytes());
    let mut end = table_end;
    for entry in (HEADER_LEN..table_end).step_by(ENTRY_LEN) {
        let start = end.next_multiple_of(16);
        if start > file.len() {
            return;
        }
        file[end..start].fill(0);
        let is_last = entry + ENTRY_LEN == table_end;
        let claimed = u64::from_le_bytes(file[entry + 16..entry + 24].try_into().expect("eight bytes"));
        let room = file.len() - start;
        let length = if is_last { room } else { usize::try_from(claimed).unwrap_or(room).min(room) };
        end = start + length;
        let checksum = XxHash64::oneshot(0, &file[start..end]);
        file[entry + 8..entry + 16].copy_from_slice(&(start as u64).to_le_bytes());
        file[entry + 16..entry + 24].copy_from_slice(&(length as u64).to_le_bytes());
        file[entry + 24..entry + 32].copy_from_slice(&checksum.to_le_bytes());
    }
    let length = file.len() as u64;
    file[16..24].copy_from_slice(&length.to_le_bytes());
    let minor_version = u16::from_le_bytes(file[10..12].try_into().expect("two bytes"));
    let id = XxHash64::oneshot(u64::from(minor_version), &file[HEADER_LEN..table_end]);
    file[24..32].copy_from_slice(&id.to_le_bytes());
}
