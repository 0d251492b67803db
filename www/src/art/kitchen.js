// What one cooks, pours and drinks with, outside and at home.

import { BRASS, IRON, RUBBER, STEEL, WOOD, tones } from "./color.js";
import { box, line, oval } from "./picture.js";

const flame = (x, y, width, height) =>
  `<path d="M${x} ${y - height}C${x + width * 0.2} ${y - height * 0.6} ${x + width} ${y - height * 0.5} ${x + width * 0.6} ${y}Q${x} ${y + 8} ${x - width * 0.6} ${y}C${x - width} ${y - height * 0.5} ${x - width * 0.3} ${y - height * 0.55} ${x} ${y - height}Z" fill="url(#art-flame)"/>`;

const steam = (x, y) =>
  line(`M${x} ${y}C${x - 16} ${y - 18} ${x + 16} ${y - 30} ${x} ${y - 52}`, "#fff", 7, 0.34) +
  line(`M${x + 26} ${y + 4}C${x + 12} ${y - 12} ${x + 40} ${y - 24} ${x + 26} ${y - 42}`, "#fff", 6, 0.26);

function canister(p) {
  p.shadow(128, 276);
  p.body("M132 262Q132 228 200 224Q268 228 268 262L268 326Q268 344 200 346Q132 344 132 326Z", {
    shade: "round",
    inside: `<path d="M132 276Q200 292 268 276V306Q200 322 132 306Z" fill="${p.accent.main}"/><path d="M132 276Q200 292 268 276V306Q200 322 132 306Z" fill="url(#art-round)"/>`,
  });
  p.body(box(186, 196, 28, 32, 5), { tone: BRASS, shade: "metal" });
  p.bar("M214 212H262", STEEL, 7);
  p.body(oval(272, 212, 13, 10), { tone: p.accent, shade: "ball" });
  p.body("M168 168L232 168L222 198L178 198Z", { tone: STEEL, shade: "metal" });
  p.add(flame(180, 168, 15, 34) + flame(200, 168, 18, 46) + flame(220, 168, 15, 34));
  p.bar("M172 190L118 138L128 118M228 190L282 138L272 118", STEEL, 8);
  p.bar("M200 186L200 142", STEEL, 6);
  p.body(box(150, 158, 100, 13, 6), { tone: IRON, shade: "metal" });
}

function twin(p) {
  p.shadow(52, 350);
  p.body("M62 130Q62 118 74 118H328Q340 118 340 130L346 236H56Z", {
    shade: "cloth",
    inside: `<path d="M78 134H324L330 222H72Z" fill="#1e140e" opacity=".16"/>`,
  });
  p.body(box(180, 128, 44, 12, 6), { tone: STEEL, shade: "metal" });
  p.body("M48 236H354L358 320Q358 334 344 334H58Q44 334 44 320Z", { shade: "down" });
  p.body("M56 228H346L354 252H48Z", { tone: IRON, shade: "down" });
  for (const x of [124, 276]) {
    p.add(flame(x - 26, 240, 9, 22) + flame(x - 9, 242, 9, 26) + flame(x + 9, 242, 9, 26) + flame(x + 26, 240, 9, 22));
    p.body(oval(x, 240, 44, 8), { tone: STEEL, shade: "metal" });
    p.line(`M${x - 58} 222H${x + 58}M${x - 32} 214V236M${x + 32} 214V236M${x} 214V236`, IRON.deep, 5);
    p.body(oval(x, 292, 19), { tone: p.accent, shade: "ball" });
    p.line(`M${x} 280V292`, p.accent.night, 5, 0.8);
  }
  p.body(box(178, 278, 44, 26, 4), { tone: STEEL, shade: "flat" });
  p.line("M186 287H214M186 295H206", IRON.main, 3, 0.7);
}

function twig(p) {
  p.shadow(122, 282);
  p.add(flame(174, 152, 22, 56) + flame(206, 150, 28, 78) + flame(236, 152, 18, 46));
  p.bar("M152 164L166 118M228 150L246 106M200 158L186 112", WOOD, 9);
  const tone = p.base;
  p.body("M122 152H278L266 338Q200 350 134 338Z", { tone, shade: "metal" });
  p.body("M116 142H284L280 166Q200 178 120 166Z", { tone, shade: "metal" });
  for (const [y, inset] of [
    [206, 26],
    [300, 34],
  ]) {
    for (let x = 126 + inset; x < 270 - inset / 2; x += 26)
      p.body(oval(x, y, 7, 10), { tone: tones("#2a1c14"), shade: "flat" });
  }
  p.body("M164 238Q200 228 236 238L234 280Q200 288 166 280Z", { tone: tones("#22150e"), shade: "flat" });
  p.add(flame(200, 280, 20, 34));
  p.body(box(106, 128, 22, 30, 4), { tone: STEEL, shade: "metal" }).body(box(272, 128, 22, 30, 4), {
    tone: STEEL,
    shade: "metal",
  });
}

function wideBottle(p) {
  p.shadow(140, 260);
  p.body("M140 178Q140 146 168 138L168 122H232L232 138Q260 146 260 178V322Q260 342 240 342H160Q140 342 140 322Z", {
    shade: "round",
    pattern: 0.8,
    block: "M130 262H270V345H130Z",
  });
  p.line("M162 84C150 40 250 40 238 84", p.accent.dark, 13).line(
    "M162 84C150 44 250 44 238 84",
    p.accent.light,
    5,
    0.7,
  );
  p.body(box(158, 80, 84, 44, 9), { tone: p.accent, shade: "round" });
  p.line("M172 86V118M186 86V120M200 86V120M214 86V120M228 86V118", p.accent.deep, 2, 0.45);
}

function slimBottle(p) {
  p.shadow(152, 250);
  p.body(
    "M150 196C150 164 176 156 180 130L180 108H220L220 130C224 156 250 164 250 196V324Q250 342 232 342H168Q150 342 150 324Z",
    { shade: "metal", pattern: 0.7, block: "M140 100H260V214H140Z" },
  );
  p.body(box(174, 68, 52, 42, 8), { tone: STEEL, shade: "metal" });
  p.body("M186 68C180 46 220 46 214 68L206 68Q208 58 200 58Q192 58 194 68Z", { tone: p.accent, shade: "flat" });
  p.line("M174 96H226", IRON.main, 2, 0.6);
}

function fuelBottle(p) {
  p.shadow(146, 256);
  p.body(
    "M146 200C146 160 178 152 184 128L184 116H216L216 128C222 152 254 160 254 200V322Q254 342 234 342H166Q146 342 146 322Z",
    { shade: "metal" },
  );
  p.body("M146 226H254V292H146Z", { tone: p.accent, shade: "round" });
  p.add(flame(200, 280, 22, 42));
  p.body(box(178, 78, 44, 40, 6), { tone: RUBBER, shade: "round" });
  p.line("M186 82V114M196 82V116M206 82V116M214 82V114", "#000", 3, 0.4);
}

function flask(p) {
  p.shadow(146, 262);
  p.line("M258 172C312 172 312 282 258 282", IRON.main, 13).line("M258 170C308 170 308 278 258 278", IRON.pale, 4, 0.6);
  p.body(box(144, 142, 116, 200, 16), { shade: "round", pattern: 0.8, block: "M130 262H270V345H130Z" });
  p.body("M144 158Q144 142 160 142H244Q260 142 260 158V166H144Z", { tone: STEEL, shade: "metal" });
  p.body("M158 66H246Q254 66 254 76L258 142H146L150 76Q150 66 158 66Z", { tone: p.accent, shade: "round" });
  p.line("M148 128H256", p.accent.deep, 2, 0.5);
  p.body(box(150, 328, 104, 16, 6), { tone: STEEL, shade: "metal" });
}

function campPot(p) {
  p.shadow(72, 318);
  p.bar("M292 238L374 214", STEEL, 13);
  p.body(box(330, 206, 52, 22, 10), { tone: p.accent, shade: "down" });
  p.body("M80 196H310V306Q310 342 272 342H118Q80 342 80 306Z", { tone: p.base, shade: "metal", pattern: true });
  p.line("M96 232H112M96 258H112M96 284H112", p.base.night, 3, 0.5);
  p.body("M74 184Q74 174 84 174H306Q316 174 316 184V196Q316 204 306 204H84Q74 204 74 196Z", { shade: "metal" });
  p.body("M92 174Q110 142 195 140Q280 142 298 174Z", { shade: "down", pattern: true });
  p.body("M172 142C172 104 220 104 220 142L208 142C208 122 184 122 184 142Z", { tone: p.accent, shade: "round" });
}

function kettle(p) {
  p.shadow(86, 314);
  p.line("M104 190C96 70 300 70 292 190", IRON.deep, 11).line("M104 188C98 74 298 74 292 186", IRON.pale, 3, 0.6);
  p.body(box(150, 88, 96, 20, 10), { tone: WOOD, shade: "down" });
  p.body("M290 250C322 244 332 206 352 186L372 196C356 240 340 290 288 296Z", { shade: "cloth" });
  p.body("M148 178H250C300 206 316 268 306 318Q302 342 276 342H122Q96 342 92 318C82 268 98 206 148 178Z", {
    shade: "ball",
    pattern: 0.9,
  });
  p.body("M136 184Q140 160 199 158Q258 160 262 184Q199 198 136 184Z", { shade: "down", pattern: 0.9 });
  p.body(oval(199, 150, 15, 13), { tone: WOOD, shade: "ball" });
  p.line("M92 318Q199 332 306 318", p.accent.main, 5, 0.8);
  p.add(steam(360, 170));
}

function teapot(p) {
  p.shadow(100, 306);
  p.line("M106 218C40 206 44 306 112 300", p.base.dark, 18).line(
    "M106 216C46 206 50 298 112 294",
    p.base.light,
    6,
    0.7,
  );
  p.body("M292 276C328 270 322 214 362 196L380 206C360 246 354 306 288 310Z", { shade: "cloth" });
  p.body("M202 180C272 180 312 222 312 268C312 318 280 342 246 342H158C124 342 92 318 92 268C92 222 132 180 202 180Z", {
    shade: "ball",
    pattern: 0.9,
  });
  p.body("M138 192Q144 160 202 158Q260 160 266 192Q202 210 138 192Z", { shade: "down", pattern: 0.9 });
  p.body(oval(202, 146, 17, 16), { tone: p.accent, shade: "ball" });
  p.add(steam(372, 182));
}

function casserole(p) {
  p.shadow(66, 334);
  p.line("M78 236C30 232 30 276 80 272M322 236C370 232 370 276 320 272", p.base.dark, 17);
  p.line("M76 233C34 230 34 266 76 264M324 233C366 230 366 266 324 264", p.base.light, 5, 0.6);
  p.body("M68 216H332L322 312Q318 342 286 342H114Q82 342 78 312Z", { shade: "round", pattern: true });
  p.body("M60 202Q60 190 72 190H328Q340 190 340 202V210Q340 222 328 222H72Q60 222 60 210Z", { shade: "round" });
  p.body("M78 190Q96 150 200 146Q304 150 322 190Z", { shade: "down", pattern: true });
  p.body("M176 132H224L218 150H182Z", { tone: BRASS, shade: "metal" });
  p.body(oval(200, 126, 30, 13), { tone: BRASS, shade: "metal" });
}

/** The handle of a mug, on the right. */
const ear = (p, top, bottom, reach, tone = p.base) =>
  p
    .line(`M268 ${top}C${reach} ${top - 6} ${reach} ${bottom + 6} 264 ${bottom}`, tone.dark, 20)
    .line(`M268 ${top - 3}C${reach - 8} ${top - 8} ${reach - 8} ${bottom} 264 ${bottom - 4}`, tone.light, 7, 0.75);

/** Looking a little into a mug: rim and coffee. */
const opening = (p, y, half, tone) =>
  p
    .body(oval(194, y, half, half * 0.17), { tone, shade: "round" })
    .fill(oval(194, y + 2, half - 9, half * 0.17 - 5), "#2e1a10")
    .add(
      `<ellipse cx="${194 - half * 0.25}" cy="${y + 1}" rx="${half * 0.42}" ry="${half * 0.06}" fill="#8a5a35" opacity=".55"/>`,
    );

function enamelMug(p) {
  p.shadow(112, 278);
  ear(p, 206, 298, 352);
  p.body("M108 172H280V312Q280 340 252 342H136Q108 340 108 312Z", { shade: "round", pattern: 0.85 });
  opening(p, 172, 86, p.accent);
  p.line("M112 320Q194 346 276 320", p.accent.main, 5, 0.85);
  p.add(steam(176, 142));
}

function steelMug(p) {
  p.shadow(116, 276);
  ear(p, 204, 296, 344, STEEL);
  p.body("M110 166H278L270 330Q268 342 254 342H134Q120 342 118 330Z", { shade: "metal", pattern: 0.85 });
  opening(p, 166, 84, STEEL);
  p.body("M115 300H273L270 330Q268 342 254 342H134Q120 342 118 330Z", { tone: STEEL, shade: "metal" });
  p.add(steam(176, 136));
}

function stonewareMug(p) {
  p.shadow(112, 276);
  ear(p, 214, 302, 356);
  p.body("M106 180C100 250 112 320 134 338Q194 348 254 338C276 320 288 250 282 180Z", {
    shade: "round",
    pattern: 0.85,
    inside: `<path d="M96 300Q140 286 194 306Q250 322 296 296V350H96Z" fill="${p.accent.main}" opacity=".85"/><path d="M96 300Q140 286 194 306Q250 322 296 296V350H96Z" fill="url(#art-round)"/>`,
  });
  opening(p, 180, 88, { ...p.base, main: p.base.light });
  p.add(steam(176, 150));
}

function tallMug(p) {
  p.shadow(124, 268);
  ear(p, 186, 292, 346);
  p.body("M122 130H268L262 322Q260 342 240 342H150Q130 342 128 322Z", { shade: "round", pattern: 0.85 });
  p.add(`<g transform="translate(1 0)">`);
  opening(p, 130, 73, { ...p.base, main: p.base.light });
  p.add("</g>").line("M128 322Q194 338 262 322", p.accent.main, 6, 0.8).add(steam(178, 102));
}

function espressoMug(p) {
  p.shadow(70, 330);
  p.body("M62 314Q200 286 338 314Q330 340 262 346H138Q70 340 62 314Z", { tone: p.accent, shade: "down" });
  p.body(oval(200, 313, 96, 14), { tone: { ...p.accent, main: p.accent.dark }, shade: "flat" });
  p.line("M262 232C318 222 318 292 254 288", p.base.dark, 17).line(
    "M262 229C310 222 310 284 254 283",
    p.base.light,
    6,
    0.7,
  );
  p.body("M126 206H268C270 270 250 312 230 318Q197 324 164 318C144 312 124 270 126 206Z", {
    shade: "round",
    pattern: 0.7,
  });
  p.body(oval(197, 206, 71, 14), { tone: { ...p.base, main: p.base.light }, shade: "round" });
  p.fill(oval(197, 208, 61, 9), "#2e1a10").fill(oval(186, 207, 34, 4.5), "#b07a45", 0.8);
  p.add(steam(184, 176));
}

export const KITCHEN = {
  stove: { canister, twin, twig },
  bottle: { wide: wideBottle, slim: slimBottle, fuel: fuelBottle, flask },
  pot: { camp: campPot, kettle, teapot, casserole },
  mug: { stoneware: stonewareMug, tall: tallMug, espresso: espressoMug, enamel: enamelMug, steel: steelMug },
};
