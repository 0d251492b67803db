// Every public type, as strict TypeScript uses it. Compiled, never run.
import { type Ranking, RankerError, type Recommendation, type SessionState, loadModel, version } from "reshelve";
import { type CountersReport, openCounters } from "reshelve/counters";
import type { ListReport, Reorder } from "reshelve/html";
import { transformHits } from "reshelve/instantsearch";
import { type Published, type ShardInfo, openPublished } from "reshelve/published";
import { type Finding, loadRulesCompiler } from "reshelve/rules";
import { type SlimModel, loadModel as loadSlim } from "reshelve/slim";
import { type Shopper, type ShopperDocument, openShopper } from "reshelve/shopper";
import {
  type TokenReading,
  createSealer,
  describeToken,
  openToken,
  readToken,
  tokenCookie,
  withoutToken,
} from "reshelve/token";
import rulesWasm from "reshelve/rules/wasm";
import wasm from "reshelve/wasm";

interface Product {
  sku: string;
  price: number;
  rank?: number;
}

export async function reorder(products: readonly Product[], state?: SessionState): Promise<readonly Product[]> {
  const bytes = new Uint8Array(8);
  const model = await loadModel(bytes, { integrity: "sha256-x", maxMemory: 1e6, onProgress: (loaded) => void loaded });
  const session = model.session(state);
  const id: number | undefined = session.record({ type: "add_to_cart", itemId: "a", quantity: 2 });
  if (id !== undefined) session.forget(id);
  const ranking: Ranking<Product> = session.rerank(products, {
    surface: "my own surface",
    itemId: (product) => product.sku,
    baseScore: (product, index) => product.rank ?? -index,
    pinned: (product) => (product.price === 0 ? 0 : undefined),
    explain: true,
  });
  for (const { reason, parts } of ranking.explanations ?? []) {
    // A reason about an event names it; one about anything else cannot.
    const cited: string = "itemId" in reason ? reason.itemId : "";
    void [cited, parts.base + parts.embedding];
  }
  const found: Ranking<Recommendation> = session.recommend({ surface: "home", limit: 5, exclude: new Set(["a"]) });
  void [found.items[0]?.itemId.length, version.length, model.info.itemCount];

  model.overlay("stock", new Map([["a", 3]]));
  model.overlay("price", [["a", 1999] as const]);
  model.overlay("stock", null);
  model.useRules(bytes);
  model.useRules(null);
  const ruled = session.rerank(products, {
    surface: "search",
    itemId: (product) => product.sku,
    context: { region: "north", group: undefined },
    overlays: { stock: (product, index) => (product.price > index ? 1 : undefined) },
  });
  const shown: readonly Product[] = ruled.items.slice(0, ruled.items.length - ruled.barred);
  const rules: (number | undefined)[] = ruled.explanations?.map(({ rule, barred }) => (barred ? rule : -1)) ?? [];
  void [shown, rules, session.recommend({ surface: "cart", limit: 3, context: { region: "north" } }).barred];

  const compiler = await loadRulesCompiler({ wasm: rulesWasm });
  model.useRules(compiler.compile("{}", { format: "json" }));
  const findings: Finding[] = compiler.check("", bytes, { enough: 3 });
  void [findings[0]?.line, compiler.list("")[0]?.rule.length, compiler.check("", null).length, compiler.schema()];

  const published: Published = await openPublished("/manifest.json", { partsWasm: bytes, maxMemory: 1e6 });
  const shards: readonly ShardInfo[] = published.shards;
  void [
    shards[0]?.name,
    (await published.load("a > b")).info.id,
    await published.cover(["a"]),
    await published.update(),
  ];

  // @ts-expect-error: rules are bytes
  model.useRules("[[filter]]");
  // @ts-expect-error: numbers, not texts
  model.overlay("stock", [["a", "3"]]);
  // @ts-expect-error: there is no such event
  session.record({ type: "buy", itemId: "a" });
  // @ts-expect-error: a view is of an item
  session.record({ type: "view" });
  // @ts-expect-error: a search is for something
  session.record({ type: "search" });
  for (const event of session.events()) {
    const about: string = event.type === "search" || event.type === "answer" ? event.query : event.itemId;
    void [about, event.id, session.record(event)];
  }
  // @ts-expect-error: candidates have ids
  session.rerank(products, { surface: "search" });
  // @ts-expect-error: and are reranked for a surface or a placement
  session.rerank(products, { itemId: ({ sku }) => sku });
  // @ts-expect-error: a surface does not say how many
  session.recommend({ surface: "home" });
  session.recommend({ placement: "bestsellers" });
  // @ts-expect-error: items are not to be changed
  ranking.items.push({ sku: "b", price: 1 });
  // @ts-expect-error: the slim entry needs its WebAssembly
  await loadSlim(bytes);
  await loadSlim(bytes, { wasm });
  const slim: SlimModel = await loadSlim(bytes, { wasm });
  const held = slim.session(state, { maxAgeMs: 1 });
  void held.rerank(products, { surface: "search", itemId: ({ sku }) => sku, maxShift: 2 }).items;
  // @ts-expect-error: the small WebAssembly explains nothing
  held.rerank(products, { surface: "search", itemId: ({ sku }) => sku, explain: true });
  // @ts-expect-error: and finds nothing
  void held.recommend;
  // @ts-expect-error: and knows no rules
  void slim.useRules;

  const sent: CountersReport[] = [];
  const counters = openCounters({
    experiment: "autumn",
    placements: ["search"],
    holdout: 0.1,
    caps: { clicks: 2 },
    storage: { getItem: () => null, setItem() {}, removeItem() {} },
    agreed: () => true,
    send: (report) => sent.push(report),
  });
  counters.exposed("search", ranking);
  counters.clicked("search", ranking, 0);
  counters.purchased();
  const spent: number = counters.about().spent ?? 0;
  void [counters.arm() === "holdout", spent, sent[0]?.bit === 1, counters.erase()];
  // @ts-expect-error: there is no such arm
  void (counters.arm() === "control");

  const shopper: Shopper = await openShopper(model, {
    consent: (set) => void set("session"),
    retentionDays: { view: 14, not_interested: 365 },
    underPrivacyControl: "off",
  });
  const document: ShopperDocument = shopper.export();
  const { outcome, added } = shopper.import(document);
  const undo: number | undefined = shopper.notInterested("a");
  if (undo !== undefined) shopper.session.forget(undo);
  void [outcome, added, shopper.status.problems[0]?.code === "storage_full"];
  // @ts-expect-error: there is no such tier
  await shopper.consent("everything");
  shopper.addEventListener("change", () => void shopper.status.tier);
  for (const { place, until } of await shopper.stored()) void [place, until];
  const transformItems = transformHits<{ objectID: string; name: string }>(() => session, {
    when: ({ results }) => results !== undefined,
    onRanking: (answer) => void answer.items[0]?.name,
  });
  transformItems([{ objectID: "a", name: "A" }], { results: {} });
  // InstantSearch's own hits have more.
  const positioned: { objectID: string; name: string; __position: number }[] = transformItems(
    [{ objectID: "a", name: "A", __position: 1 }],
    { results: {} },
  );
  void positioned;

  const reorder: Reorder = (surface, items) => session.rerank(items, { surface, itemId: ({ id }) => id });
  const kept: Reorder = (surface, items) => ({ items: reorder(surface, items).items });
  const why = (report: ListReport): string => report.reason ?? report.outcome;
  void [kept, why];

  const sealer = await createSealer("a key", { purpose: "shop.example" });
  const { token, key, reason }: TokenReading = await readToken("reshelve=a", { sealer, name: "reshelve" });
  if (token !== undefined && key !== 0) {
    const line: string = tokenCookie(await sealer.seal(token), { maxAgeS: 60 });
    const content = describeToken(model, token, { now: 0 });
    void [line, content.events[0]?.itemId, content.affinities.length, content.restored.outcome];
  }
  void [
    reason === "wrong_seal",
    (await openToken(undefined, { sealer })).token,
    withoutToken(null).length,
    (await sealer.open("a"))?.token,
  ];
  // @ts-expect-error: a list is ordered at once
  const late: Reorder = async (surface, items) => reorder(surface, items);
  // @ts-expect-error: an order names items
  const nameless: Reorder = () => ({ items: ["a"] });
  void [late, nameless];

  session.dispose();
  model.dispose();
  return ranking.items;
}

export function isFatal(error: unknown): boolean {
  return error instanceof RankerError && (error.code === "ERR_WASM_MISMATCH" || error.details.status === 404);
}

export function usingIt(session: ReturnType<Awaited<ReturnType<typeof loadModel>>["session"]>): number {
  using held = session;
  return held.events().length;
}
