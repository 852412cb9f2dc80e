// A worker that never becomes ready.
process.exit(3);
