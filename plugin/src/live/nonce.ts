import { cache } from '@emotion/css';

/**
 * The page allows styles only with the number of its own response. The first `<style>` bears it; emotion must know it before
 * any module makes a class, so this is the first import of the page.
 */
cache.sheet.nonce = document.querySelector('style')?.nonce;
