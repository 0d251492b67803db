// The record that counters keep on the device: of each experiment the arm and what the visit counts, and of all together
// which reports have gone out.

import { nameOf } from "./cells.js";

const DAY_MS = 24 * 60 * 60 * 1000;
/** A visit is over after so long without a call, as a session is. */
const GAP_MS = 30 * 60 * 1000;
/** Over so many days the reports of a device are added up. */
export const WINDOW_DAYS = 30;
/** Of so many experiments, those that were called last, arm and visit are kept. */
const MOST_EXPERIMENTS = 16;

/**
 * The record as it was written, as an experiment sees it: without arm and visit if there are none of its own, and without
 * anything if there is none, or none that makes sense.
 *
 * @param {import("../counters.d.ts").CountersStorage} storage
 * @param {string} key
 * @param {string} drawnFor
 */
export function readRecord(storage, key, drawnFor) {
  const text = storage.getItem(key);
  try {
    const { v, sent, experiments, ...alone } = JSON.parse(text);
    if (v !== 1) return { sent: [], others: [] };
    const reports = sent.filter(({ at, epsilon }) => Number.isFinite(at) && epsilon > 0);
    // Where there was room for one experiment only, it stands beside the reports.
    const all = (experiments ?? [alone]).map(readExperiment).filter(Boolean);
    const { arm, visit } = all.find(({ drawn }) => drawn === drawnFor) ?? {};
    const others = all.filter(({ drawn }) => drawn !== drawnFor);
    return { sent: reports.map(({ at, epsilon }) => ({ at, epsilon })), arm, visit, others };
  } catch {
    return { sent: [], others: [] };
  }
}

function readExperiment({ drawn, arm, visit }) {
  const isSound = typeof drawn === "string" && ["holdout", "personalized"].includes(arm);
  return isSound ? { drawn, arm, visit: visit && readVisit(visit) } : undefined;
}

function readVisit({ at, cell, count, ended }) {
  const isSound = Number.isFinite(at) && typeof cell === "string" && Number.isInteger(count) && count >= 0;
  return isSound ? { at, cell, count, ended: ended === true } : undefined;
}

/** Writes the record. False if it is not there afterwards, as where the browser keeps nothing. */
export function writeRecord(storage, key, drawnFor, { arm, sent, visit, others }) {
  const experiments = [...others, { drawn: drawnFor, arm, visit }].slice(-MOST_EXPERIMENTS);
  const text = JSON.stringify({ v: 1, sent, experiments });
  storage.setItem(key, text);
  return storage.getItem(key) === text;
}

/** A visit in which nothing has happened yet. It counts one thing alone: what its report will be about. */
export function newVisit(now, cell) {
  return { at: now, cell: nameOf(cell), count: 0, ended: false };
}

/** Whether what happens now belongs to another visit. */
export function isOver(visit, now) {
  return now - visit.at >= GAP_MS;
}

/** The reports that still count: those of the last days and, should the clock have been put back, later ones. */
export function recentReports(sent, now) {
  return sent.filter(({ at }) => at > now - WINDOW_DAYS * DAY_MS);
}

/** What reports cost together: sequential composition, the sum of their epsilons. */
export function spentBy(sent) {
  return sent.reduce((sum, { epsilon }) => sum + epsilon, 0);
}
