// A scratch project that has the package as users have it: installed by npm, from the tarball.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

const ROOT = path.resolve(import.meta.dirname, "../..");
const FOLDER = path.join(ROOT, "target/packaging");
const GOLDEN = process.env.RESHELVE_GOLDEN ?? path.join(ROOT, "tests/golden");
const TARBALL = process.env.RESHELVE_TARBALL;

/** Runs a program and returns what it prints. A failure carries all of its output. */
export async function run(program, parameters, options = {}) {
  try {
    const { stdout } = await promisify(execFile)(program, parameters, { cwd: ROOT, ...options });
    return stdout;
  } catch (error) {
    throw new Error(`${program} ${parameters.join(" ")}\n${error.stdout ?? ""}${error.stderr ?? error}`);
  }
}

/** Runs a tool of the repository's own `node_modules`, by the path of its script. */
export function runTool(script, parameters, options) {
  return run(process.execPath, [path.join(ROOT, "node_modules", script), ...parameters], options);
}

/** Whether `folder` was last made from these very inputs; `write` says that it now is. */
async function stamp(folder, inputs) {
  const hash = createHash("sha256");
  for (const input of inputs) hash.update(await readFile(input));
  const [file, digits] = [path.join(folder, ".made-from"), hash.digest("hex")];
  const isFresh = (await readFile(file, "utf8").catch(() => "")) === digits;
  return { isFresh, write: () => writeFile(file, digits) };
}

/** @returns {Promise<string>} the project's folder, made anew if the tarball has changed */
export async function project() {
  const folder = path.join(FOLDER, "project");
  const { isFresh, write } = await stamp(folder, [TARBALL]);
  if (!isFresh) {
    await rm(FOLDER, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const manifest = { private: true, type: "module", dependencies: { reshelve: `file:${TARBALL}` } };
    await writeFile(path.join(folder, "package.json"), JSON.stringify(manifest));
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    await run(npm, ["install", "--no-audit", "--no-fund", "--no-package-lock", "--offline"], { cwd: folder });
    await write();
  }
  for (const part of ["page", "types"]) {
    await cp(path.join(import.meta.dirname, part), path.join(folder, part), { recursive: true });
  }
  await cp(path.join(GOLDEN, "run.mjs"), path.join(folder, "page/run.mjs"));
  return folder;
}

/** Where the entries of the page are, without a bundler that knows: the others are files of their own name. */
const FILES = { undefined: "index.js", html: "html/index.js" };

const BUILDS = {
  async vite(root, outDir) {
    const { build } = await import("vite");
    await build({ root, base: "./", logLevel: "error", build: { outDir, emptyOutDir: true, target: "es2022" } });
  },
  async webpack(root, outDir) {
    const { default: webpack } = await import("webpack");
    const stats = await promisify(webpack)({
      mode: "production",
      context: root,
      entry: "./main.js",
      output: { path: outDir, filename: "main.js", publicPath: "auto" },
    });
    if (stats.hasErrors() || stats.hasWarnings())
      throw new Error(stats.toString({ all: false, errors: true, warnings: true }));
  },
  async rollup(root, outDir) {
    const { rollup } = await import("rollup");
    const { nodeResolve } = await import("@rollup/plugin-node-resolve");
    const { importMetaAssets } = await import("@web/rollup-plugin-import-meta-assets");
    const plugins = [nodeResolve({ browser: true }), importMetaAssets()];
    const bundle = await rollup({ input: path.join(root, "main.js"), plugins });
    await bundle.write({ dir: outDir, format: "es", entryFileNames: "main.js" });
    await bundle.close();
  },
  /** Copies no file: the page says where it put it. */
  async esbuild(root, outDir) {
    const { build } = await import("esbuild");
    const result = await build({
      entryPoints: [path.join(root, "slim.js")],
      outfile: path.join(outDir, "main.js"),
      bundle: true,
      format: "esm",
      minify: true,
      logLevel: "silent",
    });
    if (result.warnings.length > 0) throw new Error(JSON.stringify(result.warnings));
    await cp(path.join(root, "../node_modules/reshelve/wasm/reshelve.wasm"), path.join(outDir, "reshelve.wasm"));
  },
  /** No bundler: the browser imports the package's own files. */
  async none(root, outDir) {
    await cp(path.join(root, "../node_modules/reshelve"), path.join(outDir, "reshelve"), { recursive: true });
    for (const file of ["main.js", "golden.js", "run.mjs"]) {
      const text = await readFile(path.join(root, file), "utf8");
      const own = text.replace(
        /"reshelve(?:\/(\w+))?"/g,
        (_, entry) => `"./reshelve/${FILES[entry] ?? `${entry}.js`}"`,
      );
      await writeFile(path.join(outDir, file), own);
    }
  },
};

/**
 * Runs Vite's development server with the page, which serves modules one by one and bundles dependencies ahead.
 *
 * @template T
 * @param {(url: string) => Promise<T>} use
 */
export async function withViteServer(use) {
  const { createServer } = await import("vite");
  const { default: sirv } = await import("sirv");
  const goldenFiles = {
    name: "golden-files",
    configureServer: (server) => void server.middlewares.use("/golden", sirv(GOLDEN, { dev: true })),
  };
  const server = await createServer({
    root: path.join(await project(), "page"),
    cacheDir: path.join(FOLDER, "vite-cache"),
    logLevel: "error",
    plugins: [goldenFiles],
    server: { host: "127.0.0.1", port: 0, hmr: false },
  });
  try {
    await server.listen();
    return await use(`http://127.0.0.1:${server.httpServer.address().port}`);
  } finally {
    await server.close();
  }
}

/** Ways to bring the page of `page/` to a browser. */
export const BUILDERS = Object.keys(BUILDS);

/**
 * Builds the page.
 *
 * @param {string} builder one of {@link BUILDERS}
 * @returns {Promise<{ folder: string, files: string[] }>} what is to be served, and the files in it
 */
export async function buildPage(builder) {
  const root = path.join(await project(), "page");
  const folder = path.join(FOLDER, builder);
  const inputs = (await readdir(root)).map((file) => path.join(root, file));
  const { isFresh, write } = await stamp(folder, [TARBALL, ...inputs, import.meta.filename]);
  if (!isFresh) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    if (builder !== "vite") await cp(path.join(root, "index.html"), path.join(folder, "index.html"));
    await BUILDS[builder](root, folder);
    await write();
  }
  return { folder, files: (await readdir(folder, { recursive: true })).map((file) => file.replaceAll("\\", "/")) };
}
