//! A share of the root: one line that its custodian keeps.
//!
//! `gs1-<key check>-<k>-<n>-<index>-<64 hexadecimal digits>-<CRC-32 of what stands before>`.
//!
//! Shamir's sharing over GF(2^8) ([`field`]), byte by byte, so that each share is as
//! long as the root and any `k - 1` of them say nothing of it. The key check is the beginning of an
//! HMAC of the root: it tells whether shares belong together, and nothing of the root. It is short:
//! whoever gives the last share can search for another root with the same check. What proves a root
//! is its keyring, or its [`verifier`] beside the custodians' names.

use kernel::Rng;
use zeroize::Zeroizing;

use super::field;
use crate::keys::Key;
use crate::keys::bytes::{KEY_BYTES, crc32, hex, unhex};

const MARK: &str = "gs1-";
const CHECK_INFO: &[u8] = b"guichet.kcv.v1";
const VERIFIER_INFO: &[u8] = b"guichet.root.verifier.v1";
const CHECK_BYTES: usize = 4;
const CHECK_DIGITS: usize = 8;
/// Least number of people who open the vault.
pub(crate) const LEAST_SHARES: u8 = 2;
/// Most custodians.
pub(crate) const MOST_SHARES: u8 = 10;

/// The key check value of a root.
pub(crate) fn key_check(root: &Key) -> String {
    hex(root.hmac(&[CHECK_INFO]).get(..CHECK_BYTES).unwrap_or_default())
}

/// What a root proves itself by before its first keyring; says nothing of the root.
pub(super) fn verifier(root: &Key) -> [u8; KEY_BYTES] {
    root.hmac(&[VERIFIER_INFO])
}

/// Whether there can be `all` shares of which `needed` open the vault.
pub(super) fn can_be((needed, all): (u8, u8)) -> bool {
    (LEAST_SHARES..=all).contains(&needed) && all <= MOST_SHARES
}

/// Which shares belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Set {
    /// Key check value of the root.
    pub(crate) check: String,
    /// How many open the vault.
    pub(crate) needed: u8,
    /// How many there are.
    pub(crate) all: u8,
}

/// A share, as read.
pub(crate) struct Share {
    /// Of which set.
    pub(crate) set: Set,
    /// 1 to `all`.
    pub(crate) index: u8,
    bytes: Zeroizing<[u8; KEY_BYTES]>,
}

impl Share {
    /// Reads a share; nothing when a sign is wrong or missing.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (body, check_sum) = text.trim().rsplit_once('-')?;
        let right = format!("{:08x}", crc32(body.as_bytes()));
        let mut words = body.strip_prefix(MARK)?.split('-');
        let check = words.next().filter(|check| is_check(check))?.to_owned();
        let mut number = || words.next()?.parse::<u8>().ok();
        let (needed, all, index) = (number()?, number()?, number()?);
        let bytes = unhex::<KEY_BYTES>(words.next()?)?;
        let fits = can_be((needed, all))
            && (1..=all).contains(&index)
            && words.next().is_none()
            && right == check_sum;
        fits.then_some(Self { set: Set { check, needed, all }, index, bytes })
    }

    /// The line that the custodian keeps.
    pub(crate) fn text(&self) -> Zeroizing<String> {
        let Set { check, needed, all } = &self.set;
        let digits = Zeroizing::new(hex(self.bytes.as_slice()));
        let body =
            Zeroizing::new(format!("{MARK}{check}-{needed}-{all}-{}-{}", self.index, *digits));
        Zeroizing::new(format!("{}-{:08x}", *body, crc32(body.as_bytes())))
    }
}

fn is_check(text: &str) -> bool {
    text.len() == CHECK_DIGITS && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Shares of a root: `all` of them, of which any `needed` give it back. Nothing when there cannot be
/// such shares.
pub(crate) fn split(root: &Key, (needed, all): (u8, u8), rng: &dyn Rng) -> Option<Vec<Share>> {
    if !can_be((needed, all)) {
        return None;
    }
    let set = Set { check: key_check(root), needed, all };
    let random: Vec<Key> = (1..needed).map(|_| Key::random(rng)).collect();
    let share = |index| {
        let mut bytes = Zeroizing::new(*root.expose());
        for (place, byte) in bytes.iter_mut().enumerate() {
            let of_place = |key: &Key| key.expose().get(place).copied().unwrap_or_default();
            *byte = field::value_at(index, *byte, random.iter().map(of_place));
        }
        Share { set: set.clone(), index, bytes }
    };
    Some((1..=all).map(share).collect())
}

/// The root of shares of one set with different indexes; nothing when there are too few, or when
/// their key check says that they do not belong together.
pub(crate) fn combine(shares: &[Share]) -> Option<Key> {
    let set = &shares.first()?.set;
    if shares.len() < usize::from(set.needed) {
        return None;
    }
    let indexes: Vec<u8> = shares.iter().map(|share| share.index).collect();
    let mut root = Zeroizing::new([0; KEY_BYTES]);
    for share in shares {
        let weight = field::weight_at_zero(share.index, &indexes);
        for (to, from) in root.iter_mut().zip(share.bytes.iter()) {
            *to ^= field::times(weight, *from);
        }
    }
    Key::take(root.as_mut_slice()).filter(|root| key_check(root) == set.check)
}

#[cfg(test)]
pub(crate) mod tests {
    use kernel::rng::{OsRng, SeededRng};
    use proptest::prelude::*;

    use crate::keys::bytes::tests::counting;

    use super::*;

    /// Two of three, of the root 00 01 … 1f.
    pub(crate) const KNOWN: [&str; 3] = [
        "gs1-b960fc39-2-3-1-dcbdf4eb0534eb037b9add6358dab789dbbf6b3e01faa859eae56a33b3fec119-dba83077",
        "gs1-b960fc39-2-3-2-a362f5c80667c70fee34bfdba4b867189d56e0493ed0718be7fafa4b59c0bb13-541d65ec",
        "gs1-b960fc39-2-3-3-7fde032007562a0b9da768b3f06fde9e56f899642b3fcfc515068a63f6236415-fa2e689e",
    ];

    /// The third, with one bit of its first byte turned and a check sum that fits.
    pub(crate) fn bent() -> String {
        let body = KNOWN[2].rsplit_once('-').unwrap().0.replace("-7fde", "-7ede");
        format!("{body}-{:08x}", crc32(body.as_bytes()))
    }

    fn read(text: &str) -> Share {
        Share::parse(text).unwrap()
    }

    #[test]
    fn ve_05_any_two_shares_of_the_specification_give_its_root() {
        assert_eq!(key_check(&counting(0)), "b960fc39");
        for (a, b) in [(0, 1), (0, 2), (1, 2), (2, 0)] {
            let root = combine(&[read(KNOWN[a]), read(KNOWN[b])]).unwrap();
            assert_eq!(root.expose(), counting(0).expose());
        }
        assert!(combine(&[read(KNOWN[0]), read(&bent())]).is_none());
        for known in KNOWN {
            assert_eq!(*read(known).text(), known);
        }
    }

    #[test]
    fn ve_05_a_slip_of_the_pen_is_found_before_the_share_is_used() {
        for wrong in [
            KNOWN[0].replace("dcbd", "dcbe"),
            KNOWN[0].replace("-2-3-1-", "-2-3-2-"),
            KNOWN[0].replace("gs1", "gs2"),
            KNOWN[0].replace("dba83077", "dba83078"),
            KNOWN[0][..80].to_owned(),
            String::new(),
        ] {
            assert!(Share::parse(&wrong).is_none(), "{wrong}");
        }
        let with_sum = |body: &str| format!("{body}-{:08x}", crc32(body.as_bytes()));
        let digits = "00".repeat(KEY_BYTES);
        for impossible in ["1-3-1", "4-3-1", "2-3-0", "2-3-4", "2-11-1"] {
            let body = format!("gs1-b960fc39-{impossible}-{digits}");
            assert!(Share::parse(&with_sum(&body)).is_none(), "{impossible}");
        }
        assert!(Share::parse(&with_sum(&format!("gs1-b960fc39-2-3-1-{digits}"))).is_some());
        assert!(
            Share::parse(&format!("  {}\n", KNOWN[0])).is_some(),
            "as it comes from a terminal"
        );
    }

    #[test]
    fn v_126_two_to_ten_people_and_no_key_cut_in_pieces() {
        let split = |of| split(&counting(0), of, &OsRng);
        for impossible in [(1, 3), (0, 0), (3, 2), (2, 11)] {
            assert!(split(impossible).is_none(), "{impossible:?}");
        }
        let shares = split((2, 2)).unwrap();
        assert!(shares.iter().all(|share| share.bytes.len() == KEY_BYTES));
        let again = split((2, 2)).unwrap();
        assert_ne!(shares[0].bytes, again[0].bytes, "another set of the same root");
        assert!(combine(&[read(&shares[0].text()), read(&again[1].text())]).is_none());
    }

    proptest! {
        #[test]
        fn v_126_any_k_give_the_root_and_fewer_nothing(
            seed: u64, needed in 2_u8..=10, more in 0_u8..=8, turn in 0_usize..10,
        ) {
            let all = needed.saturating_add(more).min(10);
            let rng = SeededRng::new(seed);
            let root = Key::random(&rng);
            let mut shares = split(&root, (needed, all), &rng).unwrap();
            let count = shares.len();
            shares.rotate_left(turn % count);
            shares.truncate(usize::from(needed));
            let again = combine(&shares).unwrap();
            prop_assert_eq!(again.expose(), root.expose());
            shares.pop();
            prop_assert!(combine(&shares).is_none());
        }

        #[test]
        fn no_text_makes_the_reader_of_shares_panic(text: String) {
            let _ = Share::parse(&text);
            let _ = Share::parse(&format!("gs1-{text}"));
        }
    }
}
