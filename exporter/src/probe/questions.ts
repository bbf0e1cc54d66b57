import type { DocumentKind } from './documents';

/** How a conversation opens, before its document; chosen by conversation. */
export const STARTERS: Readonly<Record<DocumentKind, readonly string[]>> = {
  code: [
    'Read the code below and tell me what it does, part by part.',
    'I am new to this project. Walk me through the following code.',
    'Please look over this code and point out what you would change.',
    'Here is a file from our service. What are its weak points?',
    'Summarise the following code for a colleague who has to maintain it.',
    'Which parts of this code would you test first, and why?',
    'Explain how data moves through the following code.',
    'We want to make this code faster. Where would you look first?',
  ],
  text: [
    'Read the text below and summarise it for me.',
    'What are the main claims of the following text?',
    'I have to present this text tomorrow. Help me understand it.',
    'Please list the open questions that this text leaves.',
    'Explain the following text to someone outside the field.',
    'Which parts of this text are weakest, and why?',
    'What decisions does the following text ask of its reader?',
    'Read this text and tell me what surprised you in it.',
  ],
};

/** What is asked in later turns; none of them says what was asked before, so any order makes sense. */
export const FOLLOW_UPS: readonly string[] = [
  'Can you go into more detail on the first point?',
  'What would happen if that part were left out?',
  'Give me an example that makes this clear.',
  'How sure are you of that, and what would change your mind?',
  'Put that into a short list that I can send to my team.',
  'What did you leave out that an expert would ask about?',
  'Compare this with how others usually do it.',
  'What would you do next if this were yours to decide?',
  'Explain that again in simpler words.',
  'Which risks do you see, and how would you reduce them?',
  'How could we check that this is right?',
  'Is there anything in the beginning that contradicts the end?',
];
