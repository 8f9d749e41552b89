"use strict";
// Draws the charts of the page and lets the reader move through time. Specifications and data stand in the page.
(() => {
  const byId = (id) => document.getElementById(id);
  const json = (id) => JSON.parse(byId(id).textContent);
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function config() {
    const ink = style("--ink"), muted = style("--muted"), rule = style("--rule");
    return {
      background: "transparent",
      font: "system-ui, sans-serif",
      view: { stroke: rule },
      axis: { labelColor: muted, titleColor: ink, gridColor: rule, domainColor: rule, tickColor: rule, labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal" },
      legend: { labelColor: ink, titleColor: muted, labelFontSize: 12, orient: "top", direction: "horizontal", columns: Math.max(2, Math.floor(document.body.clientWidth / 150)), labelLimit: 200, symbolType: "square" },
      text: { fill: ink },
      rule: { color: muted },
    };
  }

  const dark = matchMedia("(prefers-color-scheme: dark)");
  async function draw(id, spec) {
    const options = {
      renderer: "svg",
      mode: "vega-lite",
      config: config(),
      tooltip: { theme: dark.matches ? "dark" : "light" },
      actions: { export: true, source: true, compiled: false, editor: false },
    };
    return (await vegaEmbed(byId(id), spec, options)).view;
  }

  // Where all pieces of a lane begin and end, from the lengths that the page holds.
  function unpack(data) {
    return data.lanes.map((lane) => {
      const count = lane.length_ns.length;
      const begins = new Float64Array(count), ends = new Float64Array(count);
      let at = lane.start_ns;
      for (let i = 0; i < count; ++i) {
        if (lane.gap_ns) at += lane.gap_ns[i];
        begins[i] = at / 1e9;
        at += lane.length_ns[i];
        ends[i] = at / 1e9;
      }
      return { ...lane, begins, ends };
    });
  }

  // The first piece of a lane that ends behind t.
  function firstBehind(ends, t) {
    let low = 0, high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle] > t) high = middle; else low = middle + 1;
    }
    return low;
  }

  class Explorer {
    constructor(root) {
      this.id = root.dataset.explorer;
      this.output = root.querySelector("output");
      this.buttons = [...root.querySelectorAll("button")];
      this.shares = root.querySelector("[data-shares] .canvas").id;
      this.limits = root.querySelector("[data-limits] .canvas").id;
      this.sharesSpec = json(`${this.shares}-spec`);
      this.limitsSpec = json(`${this.limits}-spec`);
      const data = json(`${this.id}-pieces`);
      this.data = data;
      this.singleSpec = json(`chart-${data.single}-spec`);
      this.lanes = unpack(data);
      this.window = [0, data.end];
      for (const button of this.buttons) button.addEventListener("click", () => this.act(button.dataset.action));
    }

    async start() {
      const view = await draw(this.id, json(`${this.id}-spec`));
      let waiting = 0;
      // A new drawing after a change of theme starts without a brush; the stretch that is looked at stays.
      view.addSignalListener("window", (_, value) => {
        const range = value && value[Object.keys(value)[0]];
        if (!range || range[0] === range[1]) return;
        clearTimeout(waiting);
        waiting = setTimeout(() => this.show(range[0] / this.data.unit, range[1] / this.data.unit), 120);
      });
      await this.show(...this.window);
    }

    act(action) {
      const [from, to] = this.window, length = to - from, middle = (from + to) / 2;
      if (action === "all") this.show(0, this.data.end);
      if (action === "in") this.show(middle - length / 4, middle + length / 4);
      if (action === "out") this.show(middle - length, middle + length);
      if (action === "earlier") this.show(from - length / 2, to - length / 2);
      if (action === "later") this.show(from + length / 2, to + length / 2);
    }

    async show(from, to) {
      const end = this.data.end, length = Math.min(to - from, end);
      if (from < 0) [from, to] = [0, length];
      if (to > end) [from, to] = [end - length, end];
      this.window = [from, to];
      const found = this.lanes.map((lane) => {
        const first = firstBehind(lane.ends, from);
        let last = first;
        while (last < lane.begins.length && lane.begins[last] < to) ++last;
        return [first, last];
      });
      const count = found.reduce((sum, [first, last]) => sum + last - first, 0);
      const single = count <= this.data.most_single;
      const what = this.data.joined > 1 ? `pieces of up to ${this.data.joined} rows` : "rows";
      this.output.value = `${this.time(from)} to ${this.time(to)}: ${count} ${what}${single ? ", each drawn" : ""}`;
      const whole = from <= 0 && to >= end;
      for (const button of this.buttons) {
        const action = button.dataset.action;
        button.disabled = (whole && action !== "in") || (action === "in" && count <= 1) || (action === "earlier" && from <= 0) || (action === "later" && to >= end);
      }
      const bins = this.bins(found, from, to);
      await draw(this.shares, single ? this.singles(found, from, to) : this.filled(this.sharesSpec, "bins", bins.tiers, from, to));
      await draw(this.limits, this.filled(this.limitsSpec, "bins", bins.limits, from, to));
    }

    time(seconds) { return `${(seconds * this.data.unit).toPrecision(5)} ${this.data.unit_name}`; }

    filled(spec, name, rows, from, to) {
      const out = structuredClone(spec);
      out.datasets[name] = rows;
      const view = out.layer ? out.layer[0] : out;
      view.encoding.x.scale = { domain: [from * this.data.unit, to * this.data.unit], nice: false };
      return out;
    }

    // Shares of the lanes' time in each bin of the stretch, by bottleneck and by limit.
    bins(found, from, to) {
      const count = 120, width = (to - from) / count;
      const sums = [this.data.tiers, this.data.limits].map((names) => names.map(() => new Float64Array(count)));
      const all = [new Float64Array(count), new Float64Array(count)];
      this.lanes.forEach((lane, number) => {
        for (let i = found[number][0]; i < found[number][1]; ++i) {
          const begin = Math.max(lane.begins[i], from), finish = Math.min(lane.ends[i], to);
          const limit = lane.limits[i];
          for (let bin = Math.max(0, Math.floor((begin - from) / width)); bin < count; ++bin) {
            const inside = Math.min(finish, from + (bin + 1) * width) - Math.max(begin, from + bin * width);
            if (inside <= 0) { if (from + bin * width >= finish) break; continue; }
            sums[0][lane.tiers[i]][bin] += inside;
            all[0][bin] += inside;
            if (limit >= 0) { sums[1][limit][bin] += inside; }
            all[1][bin] += inside;
          }
        }
      });
      const rows = (which, key, names) => {
        const out = [];
        names.forEach((name, n) => {
          for (let bin = 0; bin < count; ++bin) {
            const share = sums[which][n][bin];
            if (share > 0) out.push({ t0: (from + bin * width) * this.data.unit, t1: (from + (bin + 1) * width) * this.data.unit, [key]: name, share: share / all[which][bin] });
          }
        });
        return out;
      };
      return { tiers: rows(0, "tier", this.data.tiers), limits: rows(1, "limit", this.data.limits) };
    }

    singles(found, from, to) {
      const rows = [];
      this.lanes.forEach((lane, number) => {
        for (let i = found[number][0]; i < found[number][1]; ++i) {
          rows.push({
            t0: Math.max(lane.begins[i], from) * this.data.unit,
            t1: Math.min(lane.ends[i], to) * this.data.unit,
            lane: lane.name,
            tier: this.data.tiers[lane.tiers[i]],
            limit: lane.limits[i] < 0 ? "" : this.data.limits[lane.limits[i]],
            ms: (lane.ends[i] - lane.begins[i]) * 1000,
            cycles: lane.cycles[i],
            sequences: lane.sequences[i],
            prefill: lane.prefill[i],
            decode: lane.decode[i],
          });
        }
      });
      const spec = this.filled(this.singleSpec, "pieces", rows, from, to);
      return { ...spec, height: Math.max(200, 26 * this.lanes.length) };
    }
  }

  const explorers = [...document.querySelectorAll("[data-explorer]")].map((root) => new Explorer(root));
  const charts = [...document.querySelectorAll("[data-chart] .canvas")].map((canvas) => canvas.id);
  async function drawAll() {
    document.documentElement.dataset.drawn = "no";
    for (const explorer of explorers) await explorer.start();
    for (const id of charts) await draw(id, json(`${id}-spec`));
    document.documentElement.dataset.drawn = "yes";
  }
  dark.addEventListener("change", drawAll);
  drawAll();
})();
