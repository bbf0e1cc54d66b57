declare const __TAILLIGHT_VERSION__: string | undefined;

/** Set when the bundle is built; sources that run unbundled (tests) say so. */
export const VERSION = typeof __TAILLIGHT_VERSION__ === 'string' ? __TAILLIGHT_VERSION__ : '0.0.0-source';
