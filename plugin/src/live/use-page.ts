import { useCallback, useEffect, useMemo, useState, useSyncExternalStore, type RefObject } from 'react';
import { createTheme, type GrafanaTheme2 } from '@grafana/data';
import { paletteFrom } from './palette';
import { readUrl, writeUrl, type ThemeChoice, type UrlState } from './url-state';

/** State that lives in the address, so that a link shows the same. */
export function useUrlState(): [UrlState, (change: Partial<UrlState>) => void] {
  const [state, setState] = useState(() => readUrl(window.location.search));
  useEffect(() => {
    const onPop = () => setState(readUrl(window.location.search));
    window.addEventListener('popstate', onPop);
    return () => window.removeEventListener('popstate', onPop);
  }, []);
  const change = useCallback((part: Partial<UrlState>) => {
    setState((before) => {
      const next = { ...before, ...part };
      window.history.replaceState(null, '', `${window.location.pathname}${writeUrl(next)}`);
      return next;
    });
  }, []);
  return [state, change];
}

const DARK = '(prefers-color-scheme: dark)';

function useMedia(query: string): boolean {
  const list = useMemo(() => window.matchMedia(query), [query]);
  return useSyncExternalStore(
    useCallback(
      (listener) => {
        list.addEventListener('change', listener);
        return () => list.removeEventListener('change', listener);
      },
      [list],
    ),
    () => list.matches,
  );
}

/** Grafana's own theme, light or dark as chosen or as the system prefers; the page behind takes its canvas colour. */
export function useTheme(choice: ThemeChoice): GrafanaTheme2 {
  const systemDark = useMedia(DARK);
  const mode = choice === 'auto' ? (systemDark ? 'dark' : 'light') : choice;
  const theme = useMemo(() => createTheme({ colors: { mode } }), [mode]);
  useEffect(() => {
    const { style } = document.documentElement;
    style.background = paletteFrom(theme).canvas;
    style.colorScheme = mode;
  }, [theme, mode]);
  return theme;
}

/** Inner width of an element, and how much of the window's height there is below its upper edge; pixels, kept up to date. */
export function useSize(ref: RefObject<HTMLElement | null>): { width: number; below: number } {
  const [size, setSize] = useState({ width: 0, below: 0 });
  useEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const measure = () =>
      setSize((before) => {
        const top = element.getBoundingClientRect().top + window.scrollY;
        const next = { width: Math.floor(element.clientWidth), below: Math.floor(window.innerHeight - top) };
        return before.width === next.width && before.below === next.below ? before : next;
      });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    window.addEventListener('resize', measure);
    measure();
    return () => {
      observer.disconnect();
      window.removeEventListener('resize', measure);
    };
  }, [ref]);
  return size;
}
