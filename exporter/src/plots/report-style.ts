/** Styles of the HTML report: the colours of the plots as variables, light, dark, and light again on paper. */
import { colorRules } from './dark';
import { DARK, DARK_OF, FONT, LIGHT } from './theme';

type Theme = typeof LIGHT;

const PAGE: Record<'light' | 'dark', string> = { light: '#f6f8fa', dark: '#0d1117' };

const variables = (theme: Theme, page: string, dark: boolean): string =>
  [
    `--page:${page}`,
    ...Object.entries(theme).map(([name, value]) => `--${name}:${value}`),
    // The colours of drawings, by their light value.
    ...[...DARK_OF].map(([light, other]) => `--c${light.slice(1)}:${dark ? other : light}`),
    `color-scheme:${dark ? 'dark' : 'light'}`,
  ].join(';');

const LIGHT_RULES = variables(LIGHT, PAGE.light, false);
const DARK_RULES = variables(DARK, PAGE.dark, true);

export const REPORT_STYLE = `
:root{${LIGHT_RULES}}
@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){${DARK_RULES}}}
@media screen{:root[data-theme=dark]{${DARK_RULES}}}
${colorRules((light) => `var(--c${light.slice(1)})`, '.plot ')}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 ${FONT}}
main,header,footer{max-width:1040px;margin:0 auto;padding:0 24px}
header{padding-top:36px}
h1{font-size:17px;line-height:1.3;margin:2px 0 10px}
h2{font-size:20px;margin:40px 0 12px}
h3{font-size:15px;margin:24px 0 8px}
p{margin:0 0 10px}
.quiet{color:var(--text)}
.top{display:flex;justify-content:space-between;align-items:center;gap:16px}
.verdict{border-left:5px solid var(--text);padding-left:16px;margin:18px 0}
.verdict.faster{border-color:var(--good)}.verdict.slower{border-color:var(--bad)}.verdict.not_comparable{border-color:var(--warning)}
.verdict p{font-size:23px;line-height:1.3;font-weight:650;letter-spacing:-.01em;margin:2px 0 0}
.verdict strong{font-size:12.5px;text-transform:uppercase;letter-spacing:.05em}
.faster strong,.v-faster{color:var(--good)}.slower strong,.v-slower{color:var(--bad)}.not_comparable strong,.v-not_comparable{color:var(--warning)}
.too_few strong,.no_difference_shown strong,.v-too_few,.v-no_difference_shown{color:var(--text)}
.notes{display:grid;grid-template-columns:repeat(auto-fit,minmax(320px,1fr));gap:16px}
.box{background:var(--card);border:1px solid var(--border);border-radius:10px;padding:14px 18px}
.box h3{margin:0 0 6px}
.box ul{margin:0;padding-left:18px}
.box li{margin:3px 0;overflow-wrap:anywhere}
figure{margin:0 0 28px;break-inside:avoid}
.plot{overflow-x:auto;border-radius:10px}
.plot>svg{display:block;width:100%;min-width:700px;height:auto}
.plot:focus-visible,select:focus-visible,button:focus-visible,summary:focus-visible{outline:2px solid var(--good);outline-offset:2px}
.plot [aria-roledescription=point]:hover,.plot [data-at]{stroke:var(--ink);stroke-width:2.5}
.choice{display:flex;flex-wrap:wrap;gap:8px 20px;margin:0 0 8px;color:var(--text);font-size:13.5px}
select,button{font:inherit;font-size:13.5px;color:var(--ink);background:var(--card);border:1px solid var(--axis);border-radius:6px;padding:4px 8px}
button{cursor:pointer}
#tip{position:absolute;z-index:1;max-width:340px;pointer-events:none;background:var(--ink);color:var(--card);font-size:13px;line-height:1.4;padding:7px 10px;border-radius:6px}
.table{overflow-x:auto;background:var(--card);border:1px solid var(--border);border-radius:10px;margin-bottom:16px}
table{border-collapse:collapse;width:100%;font-size:13.5px;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding:10px 14px 6px}
th,td{text-align:left;padding:5px 14px;border-top:1px solid var(--grid);vertical-align:top}
thead td{border-top:0}
thead th{color:var(--text);font-weight:600;border-top:0}
tbody th{font-weight:400;color:var(--text);white-space:nowrap}
details{margin:0 0 12px}
summary{cursor:pointer;font-weight:600;padding:6px 0}
footer{padding:24px 24px 48px;color:var(--text);font-size:13.5px}
[hidden]{display:none!important}
.apart{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media print{body{background:none;font-size:11pt}.choice,.top button,#tip,.save{display:none}main,header,footer{max-width:none;padding:0}h2{break-after:avoid}.table,.box{border-color:#999}details:not([open])>:not(summary){display:block}.plot{overflow:visible}.plot>svg{min-width:0}}
`.trim();
