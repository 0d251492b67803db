import type { Ranking, Recommendation, RecommendRequest, RerankRequest, Session, SessionState } from "./index.js";

/** A request and its answer, written down: JSON-safe, for `reshelve replay` and `reshelve rules diff`. */
export interface Trace {
  readonly v: 1;
  /** Id of the model. */
  readonly model: string;
  /** Id of the rules given at run time; null if the model's own held. */
  readonly rules: string | null;
  /** What the shopper did: it leaves the device only if you send it. */
  readonly state: SessionState;
  /** What was asked, as `docs/REPLAY.md` has it. */
  readonly request: Readonly<Record<string, unknown>>;
  /** Of a rerank, the incoming index of every slot's candidate; of a recommendation, the items' ids. */
  readonly order: readonly number[] | readonly string[];
  /** Scores in the same order. */
  readonly scores: readonly number[];
}

/**
 * `session.rerank` with explanations, and what `reshelve replay` needs to give the same answer. Nothing is sent anywhere.
 * There is no trace where the incoming order stands for want of an answer.
 */
export function tracedRerank<T>(
  session: Session,
  candidates: readonly T[],
  options: RerankRequest<T>,
): { ranking: Ranking<T>; trace: Trace | undefined };

/** The same of `session.recommend`. */
export function tracedRecommend(
  session: Session,
  options: RecommendRequest,
): { ranking: Ranking<Recommendation>; trace: Trace | undefined };
