//! What is looked for, and how: each secret is known by a mark from which it cannot be read, so
//! that the search leaves nothing of its own to be found.
//!
//! A mark mixes the first eight bytes (one multiplication for each byte of a file: few candidates)
//! and all of them (a polynomial modulo 2⁶¹ − 1 at a random point: a candidate that is none passes
//! once in 10¹⁷).

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use kernel::Rng;
use vault_wire::{Mark, Needles};
use zeroize::Zeroizing;

/// Bytes of the head of a mark; nothing shorter can be looked for.
const HEAD_BYTES: usize = 8;
/// Nothing longer is looked for.
pub(super) const LONGEST_BYTES: usize = 64;
const PRIME: u64 = (1 << 61) - 1;
const GATE_BITS: u32 = 16;

/// A secret in one writing, found by its mark.
struct Known {
    what: String,
    length: usize,
    sum: u64,
}

/// Everything that is looked for.
pub(crate) struct Hunter {
    /// Added to and multiplied with heads, and the point of the polynomial.
    salt: [u64; 3],
    known: HashMap<u64, Vec<Known>>,
    /// One bit for each upper half of a head: most bytes of a file end here.
    gate: Vec<u64>,
}

impl Hunter {
    /// Looks for nothing yet.
    pub(crate) fn new(rng: &dyn Rng) -> Self {
        let mut bytes = [[0; 8]; 3];
        bytes.iter_mut().for_each(|number| rng.fill(number));
        let [add, times, point] = bytes.map(u64::from_le_bytes);
        Self::with([add, times | 1, point % PRIME])
    }

    fn with(salt: [u64; 3]) -> Self {
        let words = 1_usize << (GATE_BITS - u64::BITS.ilog2());
        Self { salt, known: HashMap::new(), gate: vec![0; words] }
    }

    /// From the marks of another process.
    #[must_use]
    pub(crate) fn of(needles: &Needles) -> Option<Self> {
        let [add, times, point] = &needles.salt;
        let mut hunter = Self::with([of_letters(add)?, of_letters(times)?, of_letters(point)?]);
        for Mark { what, length, head, sum } in &needles.marks {
            let known = Known { what: what.clone(), length: *length, sum: of_letters(sum)? };
            hunter.insert(of_letters(head)?, known);
        }
        Some(hunter)
    }

    /// The marks, for another process.
    pub(crate) fn needles(&self) -> Needles {
        let mut marks: Vec<Mark> = self
            .known
            .iter()
            .flat_map(|(head, known)| known.iter().map(move |known| (*head, known)))
            .map(|(head, Known { what, length, sum })| Mark {
                what: what.clone(),
                length: *length,
                head: letters(head),
                sum: letters(*sum),
            })
            .collect();
        marks.sort_by(|a, b| (&a.what, &a.sum).cmp(&(&b.what, &b.sum)));
        Needles { salt: self.salt.map(letters), marks }
    }

    /// Looks for these bytes, too.
    pub(crate) fn add(&mut self, what: &str, secret: &[u8]) {
        let Some(window) = secret.first_chunk() else { return };
        let known = Known { what: what.to_owned(), length: secret.len(), sum: self.sum(secret) };
        self.insert(self.head(u64::from_le_bytes(*window)), known);
    }

    /// Looks for a number in every writing in which one is likely to be left somewhere.
    pub(crate) fn add_number(&mut self, digits: &str) {
        let nibble = |byte: &u8| byte & 0x0f;
        let pair = |two: &[u8]| two.iter().map(nibble).fold(0, |high, low| high << 4 | low);
        let packed: Zeroizing<Vec<u8>> =
            Zeroizing::new(digits.as_bytes().chunks_exact(2).map(pair).collect());
        let wide: Zeroizing<Vec<u8>> =
            Zeroizing::new(digits.bytes().flat_map(|byte| [byte, 0]).collect());
        let spelled = Zeroizing::new(crate::keys::bytes::hex(digits.as_bytes()));
        let mut grouped = Zeroizing::new(String::with_capacity(LONGEST_BYTES));
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && at % 4 == 0 {
                grouped.push(' ');
            }
            grouped.push(digit);
        }
        self.add("number", digits.as_bytes());
        self.add("number_grouped", grouped.as_bytes());
        self.add("number_utf16", &wide);
        self.add("number_bcd", &packed);
        self.add("number_hex", spelled.as_bytes());
        for shift in 0..3 {
            let padded: Zeroizing<Vec<u8>> =
                Zeroizing::new(std::iter::repeat_n(0, shift).chain(digits.bytes()).collect());
            let text = Zeroizing::new(STANDARD_NO_PAD.encode(&*padded));
            // The first and last letters also code what stands beside the number.
            let inner = text.get(shift + 1..text.len().saturating_sub(2)).unwrap_or_default();
            self.add("number_base64", inner.as_bytes());
        }
    }

    fn insert(&mut self, head: u64, known: Known) {
        let (word, bit) = gate(head);
        if let Some(word) = self.gate.get_mut(word) {
            *word |= bit;
        }
        self.known.entry(head).or_default().push(known);
    }

    fn head(&self, window: u64) -> u64 {
        let [add, times, _] = self.salt;
        (window ^ add).wrapping_mul(times)
    }

    fn sum(&self, bytes: &[u8]) -> u64 {
        let [.., point] = self.salt;
        let step = |sum: u64, byte: &u8| {
            let next = u128::from(sum) * u128::from(point) + u128::from(*byte) + 1;
            u64::try_from(next % u128::from(PRIME)).unwrap_or(0)
        };
        bytes.iter().fold(0, step)
    }

    /// Calls `found` with the place of everything that begins among the first `until` bytes.
    pub(crate) fn search(&self, bytes: &[u8], until: usize, found: &mut dyn FnMut(usize, &str)) {
        let mut window = 0_u64;
        for (end, byte) in bytes.iter().enumerate() {
            window = window >> 8 | u64::from(*byte) << 56;
            let head = self.head(window);
            let (word, bit) = gate(head);
            if self.gate.get(word).is_none_or(|bits| bits & bit == 0) {
                continue;
            }
            let Some(start) = (end + 1).checked_sub(HEAD_BYTES).filter(|start| *start < until)
            else {
                continue;
            };
            for known in self.known.get(&head).into_iter().flatten() {
                let whole = bytes.get(start..start.saturating_add(known.length));
                if whole.is_some_and(|whole| self.sum(whole) == known.sum) {
                    found(start, &known.what);
                }
            }
        }
    }
}

/// A number of 64 bits in the letters `a` to `p`, the highest four bits first: digits could happen to
/// be a card number, which whoever looks for one would then find in the report.
fn letters(number: u64) -> String {
    let four = |place: u32| u8::try_from((number >> (4 * place)) & 0xf).unwrap_or_default();
    (0..u64::BITS / 4).rev().map(|place| char::from(b'a' + four(place))).collect()
}

fn of_letters(text: &str) -> Option<u64> {
    let four = |letter: u8| letter.checked_sub(b'a').filter(|four| *four < 16).map(u64::from);
    let add = |number: u64, letter| Some((number << 4) | four(letter)?);
    (text.len() == 16).then(|| text.bytes().try_fold(0, add))?
}

fn gate(head: u64) -> (usize, u64) {
    let upper = head >> (u64::BITS - GATE_BITS);
    (usize::try_from(upper >> u64::BITS.ilog2()).unwrap_or(0), 1 << (upper % u64::from(u64::BITS)))
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use kernel::rng::SeededRng;

    use super::*;

    const NUMBER: &str = "9999991234567895";

    fn hunter() -> Hunter {
        let mut hunter = Hunter::new(&SeededRng::new(5));
        hunter.add_number(NUMBER);
        hunter.add("card_key", &[7; 32]);
        hunter
    }

    fn found(hunter: &Hunter, bytes: &[u8]) -> Vec<(usize, String)> {
        let mut all = Vec::new();
        hunter.search(bytes, bytes.len(), &mut |at, what| all.push((at, what.to_owned())));
        all
    }

    #[test]
    fn v_155_a_number_is_found_in_every_writing_and_at_every_place() {
        let hunter = hunter();
        let wide: Vec<u8> = NUMBER.bytes().flat_map(|byte| [byte, 0]).collect();
        let packed = [0x99, 0x99, 0x99, 0x12, 0x34, 0x56, 0x78, 0x95];
        let writings: [(&str, &[u8]); 6] = [
            ("number", NUMBER.as_bytes()),
            ("number_grouped", b"9999 9912 3456 7895"),
            ("number_utf16", &wide),
            ("number_bcd", &packed),
            ("number_hex", b"39393939393931323334353637383935"),
            ("card_key", &[7; 32]),
        ];
        for (what, bytes) in writings {
            for ahead in [0, 1, 9, 300] {
                let text = [vec![b'x'; ahead], bytes.to_vec(), b"y".to_vec()].concat();
                assert_eq!(found(&hunter, &text), [(ahead, what.to_owned())], "{what} at {ahead}");
                let torn = text.get(..ahead + bytes.len() - 1).unwrap();
                assert_eq!(found(&hunter, torn), [], "one byte less of {what}");
            }
        }
        for ahead in 0..5 {
            let text = STANDARD.encode([vec![b'{'; ahead], NUMBER.into(), b"}".to_vec()].concat());
            let all = found(&hunter, text.as_bytes());
            assert!(matches!(all.as_slice(), [(_, what)] if what == "number_base64"), "{ahead}");
        }
        assert_eq!(found(&hunter, b"9999991234567896 and 9999 9912 3456 789"), []);
    }

    #[test]
    fn v_155_marks_cross_to_another_process_and_hold_no_number() {
        let needles = hunter().needles();
        let text = serde_json::to_string(&needles).unwrap();
        let other = Hunter::of(&serde_json::from_str(&text).unwrap()).unwrap();
        assert_eq!(found(&other, NUMBER.as_bytes()), [(0, "number".to_owned())]);
        assert_eq!(found(&other, text.as_bytes()), []);
        assert!(!text.contains(NUMBER) && !text.contains("0707070707070707"));
    }

    #[test]
    fn v_155_only_what_begins_in_the_part_is_told() {
        let bytes = [b"0123".as_slice(), NUMBER.as_bytes()].concat();
        let mut seen = 0;
        hunter().search(&bytes, 4, &mut |_, _| seen += 1);
        assert_eq!(seen, 0, "the next part tells it");
        hunter().search(&bytes, 5, &mut |_, _| seen += 1);
        assert_eq!(seen, 1);
    }
}
