/**
 * Words that are one token each, with the space before them, in the byte-pair vocabularies cl100k, o200k, p50k and in those
 * of Llama 3, Qwen 3 and DeepSeek V3. So a text made of them has a known length in tokens without a tokenizer.
 */
const words = (text: string): readonly string[] => text.trim().split(/\s+/);

export const NOUNS = words(`
system network river market engine bridge library station storage memory schedule factory harbor harvest weather pressure
valley mountain forest village hospital patient doctor laboratory sample method result survey theory model signal sensor
battery circuit pump filter tank pipe surface layer channel region district council office budget revenue contract customer
supplier product service quality standard record report document archive journal article chapter study experiment
observation measurement estimate distance temperature volume weight density energy power voltage current water steam oil
fuel metal steel concrete glass paper wood soil crop animal plant species population community family school teacher
student university research committee meeting decision agreement policy program project team manager engineer operator
driver vehicle train ship airport road track port terminal warehouse package order delivery route traffic demand supply
price cost value risk failure error delay queue request response message packet server client cluster node process thread
task worker cache page block segment buffer table index key query transaction database file folder version release test
design review change feature function interface component module structure pattern principle practice experience skill
knowledge language history culture music film garden kitchen building window door floor wall roof street corner square
city country border island coast ocean lake winter summer spring morning evening night week month season hour minute`);

export const VERBS = words(`
shows explains describes measures controls reduces increases improves requires supports follows reaches carries holds keeps
moves returns sends receives checks reads writes opens closes starts stops changes affects limits protects replaces repeats
compares collects covers crosses connects builds produces provides offers allows prevents leaves finds loses needs uses
takes gives makes brings`);

export const ADJECTIVES = words(`
small large early late heavy light strong weak simple complex stable local global national public private common rare recent
ancient modern careful direct indirect gradual sudden regular constant variable uniform narrow wide deep shallow cold warm
dry wet open closed active passive primary secondary main final initial central northern southern eastern western internal
external natural chemical physical technical practical possible likely useful costly cheap expensive reliable safe dangerous
clean quiet empty full new old long short high low`);

export const IDENTIFIERS = words(`
user order item price total count index value key name status result request response message event buffer cache queue stack
list table record field column row node edge graph tree path file folder page block token parser writer reader stream socket
client server handler worker task job thread process timer clock counter label window range offset limit size length width
height weight score rank level depth state action option setting config default parent child source target input output error
reason code type kind group role account payment product address city region country date start end first last next current`);

export const ACTIONS = words(`
update delete insert select load save read write open close send push pop add remove find check parse format render build
apply split join filter map sort match`);

/** 256 words that are one token with and without a space before them: eight bits each, for the nonce of a run. */
export const NONCE_WORDS = words(`
system network river market engine bridge library station storage memory weather pressure forest hospital patient
doctor sample method model filter surface layer channel region office contract product service quality standard record
report document archive journal article chapter study distance volume weight energy power current water oil fuel metal
glass paper wood animal plant species population community family school student research committee policy program
project team manager operator driver train ship road track port package order route price cost value risk delay queue
request response message server client node process thread task worker cache page block buffer table index key query
database file folder version release test design review change feature function interface component module pattern
practice skill knowledge language history culture music film building window door floor wall street square city
country border lake spring night week month year period season hour second alpha stone apple bread cloud house money
radio voice zero amber chair dream earth field heart image quest round urban young brain chain clock fruit grass green
guard horse label level major match maker mouse mouth owner panel party phase phone photo place plane plate point
press prime print proof range reply right rough scale scene scope score sense seven shape share sharp sheet shell
shift shore short sleep smart solid sound space speed split staff stage stand start state stick still stock store
storm story strip style theme thing think third throw today token topic total touch trade trust truth union unity
upper usage usual valid video watch wheel white width woman`);
