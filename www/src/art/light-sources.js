// Things that shine: head, camp and table.

import { BRASS, IRON, STEEL, WOOD, WOOL, tones } from "./color.js";
import { box, oval } from "./picture.js";

const glow = (x, y, radiusX, radiusY = radiusX, opacity = 1) =>
  `<ellipse cx="${x}" cy="${y}" rx="${radiusX}" ry="${radiusY}" fill="url(#art-glow)" opacity="${opacity}"/>`;

function headlamp(p) {
  p.shadow(92, 316, 336);
  p.body(
    "M200 130C292 130 340 174 340 214C340 262 286 300 200 300C114 300 60 262 60 214C60 174 108 130 200 130ZM200 158C134 158 92 184 92 208C92 236 134 250 200 250C266 250 308 236 308 208C308 184 266 158 200 158Z",
    { tone: p.accent, shade: "down" },
  );
  p.body(
    "M60 214C60 262 114 300 200 300C286 300 340 262 340 214C340 236 320 252 308 262C286 282 250 292 200 292C150 292 114 282 92 262C80 252 60 236 60 214Z",
    { tone: { ...p.base, main: p.base.dark }, shade: "flat" },
  );
  p.body(
    "M60 210C62 268 128 320 200 320C272 320 338 268 340 210L340 236C334 290 270 344 200 344C130 344 66 290 60 236Z",
    { shade: "down", block: "M50 220H120V350H50ZM280 220H350V350H280Z" },
  );
  p.stitch("M66 238C78 288 134 330 200 330C266 330 322 288 334 238", p.base.pale, 0.7);
  p.body(box(140, 232, 120, 92, 26), { tone: p.base, shade: "round" });
  p.body(oval(200, 278, 37), { tone: IRON, shade: "ball" }).body(oval(200, 278, 29), { tone: STEEL, shade: "ball" });
  p.add(glow(200, 278, 92) + `<circle cx="200" cy="278" r="14" fill="#fffbe8"/>`);
  p.body(box(184, 222, 32, 14, 6), { tone: p.accent, shade: "down" });
}

function electricLantern(p) {
  p.shadow(122, 278);
  p.line("M136 142C112 40 288 40 264 142", IRON.main, 9).line("M136 140C114 44 286 44 264 138", IRON.pale, 3, 0.6);
  p.add(glow(200, 208, 150, 130, 0.9));
  p.body("M140 146H260L268 274H132Z", { tone: tones("#fff3d0"), shade: "lit" });
  p.line("M170 148L166 272M230 148L234 272", p.base.dark, 6, 0.75);
  p.body("M126 146Q130 104 200 100Q270 104 274 146Z", { shade: "round", pattern: p.pattern === "ribbed" });
  p.body("M126 272H274L282 324Q282 342 262 342H138Q118 342 118 324Z", {
    shade: "round",
    pattern: p.pattern === "ribbed",
  });
  p.body(oval(200, 308, 15), { tone: p.accent, shade: "ball" });
}

function stormLantern(p) {
  p.shadow(118, 282);
  p.line("M146 120C110 20 290 20 254 120", IRON.main, 6);
  p.line("M146 306C92 276 100 150 150 112M254 306C308 276 300 150 250 112", p.base.dark, 11).line(
    "M143 304C90 274 98 150 148 112M251 304C305 276 297 150 248 112",
    p.base.light,
    3.5,
    0.7,
  );
  p.add(glow(200, 212, 130, 120, 0.95));
  p.body("M168 140H232C262 180 262 240 236 276H164C138 240 138 180 168 140Z", {
    tone: tones("#fff1cf"),
    shade: "glass",
  });
  p.add(`<path d="M200 184C206 204 220 222 212 242Q200 254 188 242C180 222 194 204 200 184Z" fill="url(#art-flame)"/>`);
  p.body(box(190, 244, 20, 34, 4), { tone: BRASS, shade: "metal" });
  p.body("M152 112Q156 86 200 82Q244 86 248 112L238 142H162Z", { shade: "metal" });
  p.body("M148 276H252L258 292H142Z", { tone: BRASS, shade: "metal" });
  p.body("M126 296Q130 286 150 286H250Q270 286 274 296L280 326Q280 342 256 342H144Q120 342 120 326Z", {
    shade: "round",
    pattern: p.pattern === "ribbed",
  });
  p.line("M172 150L158 268M228 150L242 268", IRON.main, 2, 0.5);
}

function candleLantern(p) {
  p.shadow(122, 280);
  p.line("M170 112C166 50 234 50 230 112", p.base.deep, 7);
  p.body("M132 156L180 100H220L268 156Z", { shade: "metal" });
  p.add(glow(200, 236, 130, 120, 0.95));
  p.body(box(134, 156, 132, 164, 4), { tone: tones("#f6efdc"), shade: "glass" });
  p.body(box(172, 248, 56, 72, 6), { tone: WOOL, shade: "round" });
  p.line("M200 248V236", "#3a2a1c", 3);
  p.add(`<path d="M200 196C206 212 214 222 208 236Q200 244 192 236C186 222 194 212 200 196Z" fill="url(#art-flame)"/>`);
  p.fill("M142 164L176 164L142 236Z", "#ffffff", 0.35);
  p.body(box(128, 152, 16, 176, 4), { shade: "metal" }).body(box(256, 152, 16, 176, 4), { shade: "metal" });
  p.body(box(120, 318, 160, 24, 5), { shade: "metal" }).body(box(124, 146, 152, 14, 4), { shade: "metal" });
}

/** A lamp shade, lit from inside. */
function shade(p, path, x, y) {
  p.add(glow(x, y + 20, 150, 120, 0.75));
  p.body(path, {
    shade: "lit",
    pattern: 0.8,
    inside: `<rect width="400" height="400" fill="url(#art-round)" opacity=".5"/>`,
  });
}

function tableLamp(p) {
  p.shadow(140, 260);
  p.body("M184 220H216C214 260 250 282 250 318Q250 342 226 342H174Q150 342 150 318C150 282 186 260 184 220Z", {
    tone: p.accent,
    shade: "round",
  });
  p.body(box(190, 196, 20, 30, 4), { tone: BRASS, shade: "metal" });
  shade(p, "M144 78H256L304 206Q200 222 96 206Z", 200, 160);
  p.fill("M97 205Q200 222 303 205L301 200Q200 216 99 200Z", "#fff6dc", 0.8);
}

function mushroomLamp(p) {
  p.shadow(130, 272);
  p.body("M184 190H216L226 322Q200 332 174 322Z", { tone: p.accent, shade: "metal" });
  p.body("M128 326Q140 312 200 312Q260 312 272 326Q272 344 200 344Q128 344 128 326Z", {
    tone: p.accent,
    shade: "round",
  });
  shade(p, "M84 204C84 118 144 82 200 82C256 82 316 118 316 204Q200 226 84 204Z", 200, 150);
  p.fill("M85 203Q200 226 315 203Q200 214 85 203Z", "#fff6dc");
}

function deskLamp(p) {
  p.shadow(112, 264);
  p.add(glow(296, 242, 110, 130, 0.8));
  p.body("M106 326Q116 312 184 312Q252 312 262 326Q262 344 184 344Q106 344 106 326Z", { tone: IRON, shade: "round" });
  p.bar("M184 316L146 206L236 106", BRASS, 11);
  p.body(oval(146, 206, 12), { tone: IRON, shade: "ball" }).body(oval(184, 314, 10), { tone: IRON, shade: "ball" });
  p.body("M224 84C262 74 320 110 340 176L248 208C216 170 206 116 224 84Z", { shade: "cloth", pattern: 0.8 });
  p.body("M340 176Q300 212 248 208Q284 178 340 176Z", { tone: tones("#fff0c4"), shade: "lit" });
  p.body(oval(236, 104, 13), { tone: BRASS, shade: "ball" });
}

function floorLamp(p) {
  p.shadow(146, 254, 350);
  p.body("M194 150H206V338H194Z", { tone: BRASS, shade: "metal" });
  p.body("M144 342Q152 332 200 332Q248 332 256 342Q256 354 200 354Q144 354 144 342Z", { tone: IRON, shade: "round" });
  shade(p, "M158 52H242L274 156Q200 168 126 156Z", 200, 110);
  p.fill("M127 155Q200 168 273 155L271 150Q200 162 129 150Z", "#fff6dc", 0.8);
}

function arcLamp(p) {
  p.shadow(60, 170, 350);
  p.bar("M112 340C96 120 156 48 236 56C276 60 296 92 298 122", BRASS, 9);
  p.body("M60 338Q70 326 112 326Q156 326 166 338Q166 354 112 354Q60 354 60 338Z", {
    tone: tones("#e5dfd2"),
    shade: "round",
  });
  shade(p, "M232 186C232 144 264 120 298 120C332 120 364 144 364 186Q298 200 232 186Z", 298, 160);
  p.fill("M233 185Q298 200 363 185Q298 193 233 185Z", "#fff6dc");
}

function tripodLamp(p) {
  p.shadow(116, 284, 350);
  p.bar("M196 164L176 340", WOOD, 9);
  p.bar("M194 164L118 348M206 164L282 348", WOOD, 11);
  p.body(box(176, 158, 48, 18, 5), { tone: BRASS, shade: "metal" });
  shade(p, "M136 56H264L282 162Q200 174 118 162Z", 200, 112);
  p.fill("M119 161Q200 174 281 161L280 156Q200 168 120 156Z", "#fff6dc", 0.8);
}

function pendantLamp(p) {
  p.line("M200 0V104", IRON.deep, 4);
  p.add(`<ellipse cx="200" cy="346" rx="118" ry="15" fill="#ffdf9a" opacity=".5"/>`);
  p.body(box(184, 96, 32, 34, 6), { tone: BRASS, shade: "metal" });
  shade(p, "M176 126H224C300 150 330 210 336 262Q200 284 64 262C70 210 100 150 176 126Z", 200, 240);
  p.body("M64 262Q200 240 336 262Q200 284 64 262Z", { tone: tones("#fff0c4"), shade: "lit" });
}

function globeLamp(p) {
  p.line("M200 0V106", IRON.deep, 4);
  p.add(`<ellipse cx="200" cy="346" rx="100" ry="13" fill="#ffdf9a" opacity=".5"/>` + glow(200, 216, 170, 170, 0.8));
  p.body(oval(200, 218, 98), {
    shade: "ball",
    pattern: true,
    inside: `<circle cx="200" cy="226" r="90" fill="url(#art-glow)"/>`,
  });
  p.body(box(176, 98, 48, 32, 8), { tone: p.accent, shade: "metal" });
}

function bulb(path, capTop, capHalf) {
  return (p) => {
    p.shadow(150, 254);
    p.add(glow(200, 180, 170, 170, 0.7));
    p.body(path, { tone: { ...p.base, main: p.base.pale }, shade: "glass" });
    p.add(glow(200, 180, 62, 74));
    p.line("M184 268L178 196Q186 164 192 200Q200 150 208 200Q214 164 222 196L216 268", "#e58a2e", 4).line(
      "M184 268L178 196Q186 164 192 200Q200 150 208 200Q214 164 222 196L216 268",
      "#fff2c0",
      1.6,
    );
    p.fill("M158 130Q140 170 150 214Q138 160 158 130Z", "#ffffff", 0.85);
    const [left, width] = [200 - capHalf, capHalf * 2];
    p.body(box(left, capTop, width, 52, 8), { tone: p.accent, shade: "metal" });
    for (let y = capTop + 12; y < capTop + 50; y += 13)
      p.line(`M${left - 2} ${y}Q200 ${y + 9} ${left + width + 2} ${y - 2}`, p.accent.deep, 3, 0.7);
    p.body(
      `M${200 - capHalf * 0.6} ${capTop + 52}H${200 + capHalf * 0.6}L${200 + capHalf * 0.3} ${capTop + 66}H${200 - capHalf * 0.3}Z`,
      { tone: IRON, shade: "round" },
    );
  };
}

export const LIGHT_SOURCES = {
  headlamp: { band: headlamp },
  lantern: { electric: electricLantern, storm: stormLantern, candle: candleLantern },
  lamp: {
    table: tableLamp,
    mushroom: mushroomLamp,
    desk: deskLamp,
    floor: floorLamp,
    arc: arcLamp,
    tripod: tripodLamp,
    pendant: pendantLamp,
    globe: globeLamp,
  },
  bulb: {
    globe: bulb(
      "M200 66C266 66 308 116 308 172C308 230 250 250 236 282H164C150 250 92 230 92 172C92 116 134 66 200 66Z",
      278,
      34,
    ),
    drop: bulb(
      "M200 66C256 66 286 112 284 160C282 214 240 250 232 282H168C160 250 118 214 116 160C114 112 144 66 200 66Z",
      278,
      32,
    ),
    candle: bulb(
      "M200 44C214 84 256 130 252 196C250 246 226 262 222 282H178C174 262 150 246 148 196C144 130 186 84 200 44Z",
      278,
      24,
    ),
  },
};
