// Opens report pages in headless Chromium and checks what a reader would see.
//   node check_page.mjs CHROMIUM SCREENSHOTS FOLDER...     each folder holds report.html and, for runs, summary.json
// Prints a line for each check and exits with 1 when one fails.
import { chromium } from "playwright-core";
import { readFileSync, existsSync, mkdirSync } from "node:fs";
import { join, resolve, basename } from "node:path";
import { pathToFileURL } from "node:url";

const [executablePath, screenshots, ...folders] = process.argv.slice(2);
mkdirSync(screenshots, { recursive: true });
let failed = 0;
let passed = 0;
function check(holds, what) {
  console.log(`${holds ? "holds" : "FAILS"}: ${what}`);
  if (holds) ++passed; else ++failed;
}

const at = (tree, pointer) => pointer.slice(1).split("/").reduce((node, key) => node?.[key], tree);
const drawn = (page) => page.waitForFunction(() => document.documentElement.dataset.drawn === "yes", null, { timeout: 60000 });

// Opens a page that notes every message of the console and every request that is not for the file itself.
async function open(browser, file, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) complaints.push(message.text()); });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("dialog", (dialog) => { complaints.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => { if (!/^(file|data|blob):/.test(request.url())) complaints.push(`a request: ${request.url()}`); });
  await page.goto(pathToFileURL(file).href);
  await drawn(page);
  return { context, page, complaints };
}

async function check_charts(page, name) {
  const marks = await page.$$eval(".canvas", (all) => all.map((canvas) => [canvas.id, canvas.querySelectorAll("svg .mark-group path, svg .role-mark path, svg .role-mark rect, svg .role-mark line, svg .role-mark text").length]));
  for (const [id, count] of marks) check(count > 0, `${name}: chart ${id} has marks (${count})`);
  check(marks.length > 0, `${name}: there are charts`);
}

async function check_numbers(page, name, folder) {
  const file = join(folder, "summary.json");
  if (!existsSync(file)) return;
  const summary = JSON.parse(readFileSync(file, "utf8"));
  const tiles = await page.$$eval("[data-pointer]", (all) => all.map((tile) => [tile.dataset.pointer, Number(tile.dataset.number), tile.querySelector("strong").textContent]));
  check(tiles.length >= 6, `${name}: ${tiles.length} headline numbers`);
  for (const [pointer, number, shown] of tiles) check(at(summary, pointer) === number && shown.length > 0, `${name}: ${pointer} is ${number} ("${shown}")`);
  check(await page.textContent("h1") === summary.scenario.name, `${name}: the title is the scenario's name`);
}

// Zooming by button until single rows are drawn, and back.
async function check_explorer(page, name) {
  if (await page.$("[data-explorer]") === null) return;
  const text = () => page.textContent("[data-explorer] output");
  const whole = await text();
  await page.focus("[data-action=in]");
  for (let i = 0; i < 25 && !(await text()).includes("each drawn"); ++i) {
    const before = await text();
    await page.keyboard.press("Enter");
    await page.waitForFunction((old) => document.querySelector("[data-explorer] output").textContent !== old, before, { timeout: 10000 });
  }
  check((await text()).includes("each drawn"), `${name}: zooms by keyboard to single rows: ${await text()}`);
  await page.waitForTimeout(300);
  const bars = await page.$$eval("[data-shares] svg .role-mark path", (all) => all.length);
  check(bars > 0, `${name}: ${bars} single rows are drawn`);
  await page.click("[data-action=all]");
  await page.waitForFunction((old) => document.querySelector("[data-explorer] output").textContent === old, whole, { timeout: 10000 });
  await page.waitForTimeout(300);
  check(true, `${name}: and back to the whole run`);
}

const browser = await chromium.launch({ executablePath, args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
for (const folder of folders) {
  const name = basename(resolve(folder));
  const file = resolve(join(folder, "report.html"));
  for (const [width, height] of [[1280, 900], [768, 1024], [390, 844]]) {
    for (const colorScheme of ["light", "dark"]) {
      const where = `${name} at ${width} px, ${colorScheme}`;
      const { context, page, complaints } = await open(browser, file, { viewport: { width, height }, colorScheme });
      await check_charts(page, where);
      if (width === 1280 && colorScheme === "light") {
        await check_numbers(page, where, folder);
        await check_explorer(page, where);
      }
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      check(overflow <= 0, `${where}: nothing is wider than the window`);
      check(complaints.length === 0, `${where}: no error, no request${complaints.map((each) => `\n    ${each}`).join("")}`);
      await page.screenshot({ path: join(screenshots, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      await context.close();
    }
  }
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
