// Each turn as a stacked bar, and the same as a table.

import { say } from "./words.js";

const SHOWN = 12;
const [WIDTH, HEIGHT, BASE, LEFT] = [320, 140, 120, 44];
const PARTS = ["notice", "think", "ear"];

export class LatencyPlot {
    constructor() {
        this.chart = document.getElementById("latency-chart");
        this.figures = document.getElementById("latency-figures");
        this.rows = document.getElementById("latency-rows");
        this.chart.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
        this.draw({ done: [], median: 0 });
    }

    draw(turns) {
        const shown = turns.done.slice(-SHOWN);
        const first = turns.done.length - shown.length + 1;
        const top = ceiling(Math.max(400, ...shown.map((turn) => turn.total)));
        this.chart.replaceChildren(...gridLines(top), ...shown.flatMap((turn, index) => bar(turn, index, first + index, top)));
        this.rows.replaceChildren(...shown.map((turn, index) => row(first + index, turn)));
        if (shown.length === 0) return;
        delete this.figures.dataset.text;
        const values = { last: shown.at(-1).total, median: turns.median, count: turns.done.length };
        this.figures.textContent = say("latencyFigures", values);
    }
}

/** The next round number of milliseconds. */
function ceiling(ms) {
    const unit = ms > 2000 ? 1000 : 200;
    return Math.ceil(ms / unit) * unit;
}

function gridLines(top) {
    return [0, 0.5, 1].flatMap((share) => {
        const y = BASE - share * (BASE - 10);
        return [
            shape("line", { class: "grid", x1: LEFT, x2: WIDTH, y1: y, y2: y }),
            shape("text", { class: "tick", x: LEFT - 6, y: y + 3.5, "text-anchor": "end" }, `${Math.round(top * share)}${share === 1 ? " ms" : ""}`),
        ];
    });
}

function bar(turn, index, number, top) {
    const step = (WIDTH - LEFT) / SHOWN;
    const x = LEFT + index * step + step * 0.2;
    let y = BASE;
    const blocks = PARTS.map((part) => {
        const height = (turn[part] / top) * (BASE - 10);
        y -= height;
        return shape("rect", { class: `bar-${part}`, x, y, width: step * 0.6, height: Math.max(0, height), rx: 1.5 });
    });
    return [...blocks, shape("text", { class: "tick", x: x + step * 0.3, y: BASE + 14, "text-anchor": "middle" }, number)];
}

function shape(name, attributes, text) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    return element;
}

function row(number, turn) {
    const element = document.createElement("tr");
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = number;
    element.append(head);
    for (const key of [...PARTS, "total"]) element.insertCell().textContent = `${turn[key]} ms`;
    return element;
}
