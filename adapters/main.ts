#!/usr/bin/env node
// The program: reads the environment and hands over to the command line.

import { readConfig } from '../src/index.ts';

readConfig(process.env);
