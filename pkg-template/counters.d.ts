import type { Ranking } from "./index.js";

/** What is needed of `localStorage` or `sessionStorage`. */
export interface CountersStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** `holdout` sees the store's own order, `personalized` the shopper's. */
export type Arm = "holdout" | "personalized";

/** What a count is of. An exposure is a list that was shown, not each item in it. */
export type Counted = "exposures" | "clicks" | "purchases";

/** What an experiment counts. It stands in every report: reports of different designs are not mixed. */
export interface CountersDesign {
  readonly experiment: string;
  readonly holdout: number;
  readonly placements: readonly string[];
  readonly discovered: boolean;
  readonly caps: Readonly<Record<Counted, number>>;
}

/** One of the things that are counted; a visit draws one. */
export interface CountersCell {
  /** Null: the visit as a whole, of which purchases alone are counted. */
  readonly placement: string | null;
  /** Slots for something different alone; otherwise all slots, these among them. */
  readonly discovered: boolean;
  readonly counted: Counted;
}

/** All that leaves the device of a visit: JSON-safe, one line for `reshelve estimate`. Only `bit` comes from what was done. */
export interface CountersReport {
  readonly v: 1;
  /** How the bit was drawn: see `docs/COUNTERS.md`. */
  readonly mechanism: "one_bit_mean";
  /** No report is more than e^epsilon times as likely for one visit as for any other. */
  readonly epsilon: number;
  readonly design: CountersDesign;
  readonly arm: Arm;
  readonly cell: CountersCell;
  readonly bit: 0 | 1;
}

export interface CountersOptions {
  /** Names the experiment, 1 to 64 characters. Under another name the arms are drawn anew. */
  experiment: string;
  /** The placements that are counted, at most 64, each of 1 to 64 characters. The fewer, the narrower the intervals. */
  placements: readonly string[];
  /** Share of the devices that see the store's own order, 0 to 1. With another share the arms are drawn anew. */
  holdout: number;
  /** Count slots for something different apart, too. Takes twice as many visits for the same intervals. Default false. */
  discovered?: boolean;
  /**
   * The most that a visit counts of each, 1 to 255: what lies above is lost, and an interval is as wide as its cap is high.
   * Default 8 exposures, 4 clicks, 1 purchase.
   */
  caps?: Partial<Record<Counted, number>>;
  /** What a report may give away, 0.01 to 16, at most `budget`: less is more private, and takes more visits. Default 1. */
  epsilon?: number;
  /** What all reports of a device within 30 days may give away together; visits beyond it send none. At least `epsilon`. Default 8. */
  budget?: number;
  /** Where arm, count and budget are kept, or a function that gives it: `() => localStorage`. Not touched before `agreed`. */
  storage: CountersStorage | (() => CountersStorage);
  /** Under which key. Default `"reshelve-counters"`. */
  key?: string;
  /** Whether the shopper agrees to this at this moment. Asked at every call; nothing but `true` is a yes. */
  agreed: () => boolean;
  /** Sends a report; called once for each. What it throws or rejects with is told to the console, and the report is lost. */
  send: (report: CountersReport) => unknown;
}

/**
 * - `counting`: all is well
 * - `budget_spent`: this visit's report would be beyond the budget, so there will be none
 * - `not_agreed`: `agreed` does not say yes
 * - `opted_out`: the browser sends Global Privacy Control
 * - `automated`: the browser is driven by a program (`navigator.webdriver`)
 * - `prerendering`: nobody sees the page yet
 * - `no_storage`: what is written is not kept
 * - `no_randomness`: there is no `crypto.getRandomValues`
 * - `invalid_options`: the console says which
 */
export type CountersStatus =
  | "counting"
  | "budget_spent"
  | "not_agreed"
  | "opted_out"
  | "automated"
  | "prerendering"
  | "no_storage"
  | "no_randomness"
  | "invalid_options";

/** What a page can show to the shopper. */
export interface AboutCounters {
  readonly status: CountersStatus;
  readonly mechanism: "one_bit_mean";
  /** These three are absent with `invalid_options`. */
  readonly experiment?: string;
  /** What a report may give away. */
  readonly epsilon?: number;
  /** What all reports within `windowDays` may give away together. */
  readonly budget?: number;
  readonly windowDays: 30;
  /** What has been given away within `windowDays`. Like all below absent unless `counting` or `budget_spent`. */
  readonly spent?: number;
  readonly arm?: Arm;
  /** What this visit counts, and how far the count has come. It stays on the device. */
  readonly counting?: CountersCell;
  readonly count?: number;
}

/** Nothing here throws; where nothing may be counted, calls do nothing, and {@link Counters.about} says why. */
export interface Counters {
  /** The device's arm; undefined where nothing is counted: such a page belongs to no arm, and is personalized as ever. */
  arm(): Arm | undefined;
  /** A list was shown. Pass what `rerank` or `recommend` answered, so that slots for something different are known. */
  exposed(placement: string, ranking?: Pick<Ranking<unknown>, "discovered">): void;
  /** What stands in a slot, 0-based, of a list was clicked. */
  clicked(placement: string, ranking?: Pick<Ranking<unknown>, "discovered">, slot?: number): void;
  /** Something was bought; where the page knows it, with the placement that led to it, and the kind of its slot. */
  purchased(placement?: string, discovered?: boolean): void;
  /**
   * Ends the visit now, and sends its report: when the page is left, or after a fixed time. Never because of what the
   * shopper did, as at the end of an order: buyers would then be in the figures more often than others. Without it a
   * visit ends after 30 minutes without a call, and its report goes out when the shopper comes back.
   */
  end(): void;
  about(): AboutCounters;
  /** Deletes what is kept: after the shopper has withdrawn, once `agreed` says so. False if storage is blocked. */
  erase(): boolean;
}

/**
 * Counts exposures, clicks and purchases by arm and placement, for a store that wants numbers and shoppers who agree.
 * A visit counts one thing, drawn at its start, and becomes one report of one bit, randomized on the device (local
 * differential privacy). Reports are given to `send` and go nowhere by themselves; `reshelve estimate` reads them.
 */
export declare function openCounters(options: CountersOptions): Counters;
