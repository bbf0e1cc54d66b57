// Stands in for iconv-lite in the bundle: the exporter's HTTP face parses no request body in foreign character sets.
module.exports = {
  encodingExists: () => false,
  getDecoder() {
    throw new Error('character sets other than UTF-8 are not built in');
  },
};
