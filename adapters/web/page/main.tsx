// Starts the page.

import './styles/main.css';
import { render } from 'preact';

const root = document.getElementById('app');
if (root !== null) render(<main>Easel</main>, root);
