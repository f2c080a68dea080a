// Fuseline's Avro records as JavaScript values, without losing a digit:
//
//   long              BigInt (a safe integer is taken, too), since hashes use all 64 bits
//   decimal           string such as "0.0125"; written only if it fits precision and scale
//   timestamp-micros  number of microseconds since 1970 (UTC), exact until the year 2255
import avro from "avsc";
import { SchemaRegistry, SchemaType } from "@kafkajs/confluent-schema-registry";

const isLong = (value) => typeof value === "bigint" && BigInt.asIntN(64, value) === value;

// avsc hands over the long as its eight bytes, the lowest first.
const exactLong = avro.types.LongType.__with({
  fromBuffer: (bytes) => bytes.readBigInt64LE(),
  toBuffer: (value) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value) => isLong(value) || Number.isSafeInteger(value),
  compare: (a, b) => (a < b ? -1 : Number(a > b)),
});

/** Avro's decimal: an unscaled integer, big-endian two's complement, in as few bytes as hold it. */
class Decimal extends avro.types.LogicalType {
  constructor(schema, options) {
    super(schema, options);
    this.scale = schema.scale ?? 0;
    this.limit = 10n ** BigInt(schema.precision);
  }

  _fromValue(bytes) {
    const unscaled = BigInt.asIntN(8 * bytes.length, BigInt(`0x${bytes.toString("hex") || "0"}`));
    const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(this.scale + 1, "0");
    const point = digits.length - this.scale;
    const fraction = digits.slice(point).replace(/0+$/, "");
    return (unscaled < 0n ? "-" : "") + digits.slice(0, point) + (fraction && `.${fraction}`);
  }

  /** Undefined for anything but a decimal that fits: avsc then says which field was wrong. */
  _toValue(text) {
    // A number is refused: 0.1 is not a tenth.
    const match = typeof text === "string" && /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
    const [, sign, whole, fraction = ""] = match || [];
    if (!match || fraction.length > this.scale) {
      return undefined;
    }
    const magnitude = BigInt(whole + fraction.padEnd(this.scale, "0"));
    if (magnitude >= this.limit) {
      return undefined;
    }
    const unscaled = sign ? -magnitude : magnitude;
    let length = 1;
    while (BigInt.asIntN(8 * length, unscaled) !== unscaled) {
      length++;
    }
    const bits = BigInt.asUintN(8 * length, unscaled).toString(16);
    return Buffer.from(bits.padStart(2 * length, "0"), "hex");
  }
}

/** Options for avsc. Its own long stays below the logical types, and reads times as numbers. */
export const exact = {
  logicalTypes: { decimal: Decimal },
  typeHook: (schema) => (schema === "long" ? exactLong : undefined),
};

/**
 * Writes and reads Fuseline's records.
 *
 * @param url of the registry, with the path of its Confluent API if it has one
 */
export function openRegistry(url) {
  const registry = new SchemaRegistry({ host: url }, { [SchemaType.AVRO]: exact });
  const schemaIds = new Map();
  return {
    /** The bytes of a record for a topic, with the newest schema registered for its values. */
    async encode(topic, record) {
      if (!schemaIds.has(topic)) {
        schemaIds.set(topic, await registry.getLatestSchemaId(`${topic}-value`));
      }
      return registry.encode(schemaIds.get(topic), record);
    },

    /** The record in these bytes, which name the schema they were written with. */
    decode: (bytes) => registry.decode(bytes),
  };
}

/** JSON for people and tests: longs are written as strings, like decimals. */
export function toJson(record) {
  return JSON.stringify(record, (_, value) => (typeof value === "bigint" ? String(value) : value));
}
