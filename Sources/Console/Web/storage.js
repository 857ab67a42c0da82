// What a tab or a browser remembers. Where a browser blocks its storage, this page remembers until it is reloaded.

function memory(name) {
    const spare = new Map();
    const attempt = (use, otherwise) => {
        try {
            return use(window[name]);
        } catch {
            return otherwise();
        }
    };
    return {
        get: (key) => attempt((storage) => storage.getItem(key), () => spare.get(key) ?? null),
        set: (key, value) => attempt((storage) => storage.setItem(key, value), () => spare.set(key, value)),
        remove: (key) => attempt((storage) => storage.removeItem(key), () => spare.delete(key)),
    };
}

/** Ends with the tab. */
export const tabMemory = memory("sessionStorage");
/** Stays with the browser; for what is no secret. */
export const browserMemory = memory("localStorage");
