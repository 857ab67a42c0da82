// A scrolling line of loudness, newest at the right. Two of them share one base line: one grows up, the other down.

const BAR = 3;
const GAP = 3;
const ROUND = 1.5;
const STEP_MS = 50;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Wave {
    /** `loudness()` is asked for the root mean square of what sounds right now; `grows` is `up` or `down`. */
    constructor(canvas, grows, loudness) {
        this.canvas = canvas;
        this.grows = grows;
        this.loudness = loudness;
        this.levels = [];
        this.steppedAt = 0;
        this.peak = 0;
        new ResizeObserver(() => this.resize()).observe(canvas);
        this.resize();
    }

    resize() {
        const scale = devicePixelRatio || 1;
        this.width = this.canvas.clientWidth;
        this.height = this.canvas.clientHeight;
        this.canvas.width = Math.round(this.width * scale);
        this.canvas.height = Math.round(this.height * scale);
        this.paint = this.canvas.getContext("2d");
        this.paint.scale(scale, scale);
        this.draw();
    }

    /** Called for every picture of the screen. */
    step(now) {
        // A square root, because ears hear quiet sounds louder than they are.
        this.peak = Math.max(this.peak, Math.min(1, Math.sqrt(this.loudness()) * 1.6));
        if (now - this.steppedAt < (calm.matches ? 250 : STEP_MS)) return;
        this.steppedAt = now;
        this.levels.push(this.peak);
        this.levels.splice(0, this.levels.length - this.count);
        this.peak = 0;
        this.draw();
    }

    get count() {
        return Math.max(1, Math.floor(this.width / (BAR + GAP)));
    }

    draw() {
        const { paint, width, height, levels, count } = this;
        paint.fillStyle = getComputedStyle(this.canvas).color;
        paint.clearRect(0, 0, width, height);
        for (let index = 0; index < count; index += 1) {
            const level = calm.matches ? this.meter(index) : (levels[levels.length - count + index] ?? 0);
            paint.globalAlpha = level > 0.03 ? 1 : 0.28;
            const size = Math.max(BAR, level * (height - 4));
            const top = this.grows === "up" ? height - size : 0;
            paint.beginPath();
            paint.roundRect(index * (BAR + GAP), top, BAR, size, this.grows === "up" ? [ROUND, ROUND, 0, 0] : [0, 0, ROUND, ROUND]);
            paint.fill();
        }
    }

    /** Without motion: as many bars as it is loud. */
    meter(index) {
        return index < (this.levels.at(-1) ?? 0) * this.count ? 0.5 : 0;
    }
}
