import React from 'react';
import type { ReplicaLink } from '../types';
import { useMark, type Tip } from './tip';

interface Props {
  tip: Tip;
  link: ReplicaLink | null;
  /** The tab stop of its chart. */
  first: boolean;
  children: React.ReactNode;
}

/** The mark of one replica; a link where the panel has a data link, so that Enter follows it. */
export function ReplicaMark({ tip, link, first, children }: Props) {
  const { role, ...mark } = useMark(tip, first);
  if (link === null) {
    return (
      <g role={role} {...mark}>
        {children}
      </g>
    );
  }
  const tab = link.newTab ? { target: '_blank', rel: 'noreferrer' } : {};
  return (
    <a {...mark} href={link.href} aria-label={`${mark['aria-label']}, ${link.title}`} {...tab}>
      {children}
    </a>
  );
}
