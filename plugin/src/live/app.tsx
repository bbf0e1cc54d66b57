import './nonce';
import React from 'react';
import { createRoot } from 'react-dom/client';
import { LivePage } from './LivePage';

const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<LivePage />);
