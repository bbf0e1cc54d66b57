import React from 'react';
import type { ReplicaLink } from '../types';

/** Makes the mark of a replica a link where the panel has a data link; the mark itself stays the tab stop. */
export function ReplicaAnchor({ link, children }: { link: ReplicaLink | null; children: React.ReactNode }) {
  if (link === null) return children;
  return (
    <a
      href={link.href}
      aria-label={link.title}
      tabIndex={-1}
      {...(link.newTab ? { target: '_blank', rel: 'noreferrer' } : {})}
    >
      {children}
    </a>
  );
}
