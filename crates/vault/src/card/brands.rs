//! Schemes by their first digits, and the numbers of test shops.
//!
//! Ranges of ISO/IEC 7812 issuers as the schemes publish them; the most specific one wins. The
//! test table comes with the release and its brands win over the ranges.

use vault_wire::Brand;

use crate::bins::Table;

/// What the first digits say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scheme {
    /// The scheme.
    pub(crate) brand: Brand,
    /// A second scheme on the same card.
    pub(crate) co_brand: Option<Brand>,
    /// Whether the number belongs to the test table.
    pub(crate) test: bool,
}

impl Scheme {
    const fn plain(brand: Brand) -> Self {
        Self { brand, co_brand: None, test: false }
    }

    const fn test(brand: Brand, co_brand: Option<Brand>) -> Self {
        Self { brand, co_brand, test: true }
    }

    /// All schemes of the card, the domestic one first.
    pub(crate) fn all(&self) -> Vec<Brand> {
        self.co_brand.into_iter().chain([self.brand]).collect()
    }
}

/// Single test numbers with their scheme.
const TEST_NUMBERS: &[(&str, Brand)] = &[
    ("4242424242424242", Brand::Visa),
    ("4111111111111111", Brand::Visa),
    ("4000002760003184", Brand::Visa),
    ("4000002500003155", Brand::Visa),
    ("4000000000000002", Brand::Visa),
    ("4000000000009995", Brand::Visa),
    ("5555555555554444", Brand::Mastercard),
    ("5207000000000000", Brand::Mastercard),
    ("378282246310005", Brand::Amex),
    ("36227206271667", Brand::Diners),
    ("6011111111111117", Brand::Discover),
    ("3566002020360505", Brand::Jcb),
];

/// A family of test numbers: first digits, length, schemes.
struct Family {
    lead: &'static str,
    length: usize,
    brand: Brand,
    co_brand: Option<Brand>,
}

const fn family(lead: &'static str, length: usize, brand: Brand, co: Option<Brand>) -> Family {
    Family { lead, length, brand, co_brand: co }
}

const TEST_FAMILIES: &[Family] = &[
    family("4970100000", 16, Brand::Visa, Some(Brand::Cb)),
    family("4970100100", 16, Brand::Visa, Some(Brand::Cb)),
    family("51000101", 16, Brand::Mastercard, None),
    family("37590001", 15, Brand::Amex, None),
    family("999999", 16, Brand::Visa, None),
];

/// The scheme of a number or of its first digits; `None` when no scheme has such numbers. Test
/// numbers have the brand of the release, then the imported table speaks, then the ranges.
pub(crate) fn of_digits(digits: &str, table: &Table) -> Option<Scheme> {
    let imported = || {
        let found = table.look_up(digits)?;
        Some(Scheme { brand: found.brand(), co_brand: found.co_brand(), test: false })
    };
    test_scheme(digits).or_else(imported).or_else(|| of_ranges(digits).map(Scheme::plain))
}

fn test_scheme(digits: &str) -> Option<Scheme> {
    let single = TEST_NUMBERS.iter().find(|(number, _)| *number == digits);
    let family = || {
        let fits = |f: &&Family| digits.len() == f.length && digits.starts_with(f.lead);
        TEST_FAMILIES.iter().find(fits)
    };
    single
        .map(|(_, brand)| Scheme::test(*brand, None))
        .or_else(|| family().map(|f| Scheme::test(f.brand, f.co_brand)))
}

/// First digits of numbers with two schemes, for the script of the card page.
pub(crate) fn co_badged_leads() -> Vec<&'static str> {
    TEST_FAMILIES.iter().filter(|f| f.co_brand.is_some()).map(|f| f.lead).collect()
}

fn of_ranges(digits: &str) -> Option<Brand> {
    let lead = |n: usize| digits.get(..n).and_then(|d| d.parse::<u32>().ok()).unwrap_or(0);
    let (one, two, three, four, six) = (lead(1), lead(2), lead(3), lead(4), lead(6));
    let brand = match (two, three, four, six) {
        _ if one == 4 => Brand::Visa,
        (51..=55, ..) | (_, _, 2221..=2720, _) => Brand::Mastercard,
        (34 | 37, ..) => Brand::Amex,
        (_, 300..=305 | 309, ..) | (36 | 38 | 39, ..) => Brand::Diners,
        (_, _, 3528..=3589, _) => Brand::Jcb,
        (_, _, 6011, _) | (_, 644..=649, ..) | (65, ..) | (_, _, _, 622_126..=622_925) => {
            Brand::Discover
        }
        (62, ..) => Brand::Unionpay,
        (50 | 56..=69, ..) => Brand::Maestro,
        _ => return None,
    };
    Some(brand)
}

/// Whether numbers like this one have so many digits.
pub(crate) fn length_fits(digits: &str, scheme: Scheme, table: &Table) -> bool {
    let told = || table.look_up(digits).and_then(|found| found.length_fits(digits.len()));
    let of_brand = brand_length_fits(scheme.brand, digits.len());
    if scheme.test { of_brand } else { told().unwrap_or(of_brand) }
}

fn brand_length_fits(brand: Brand, length: usize) -> bool {
    match brand {
        Brand::Visa | Brand::Cb => matches!(length, 13 | 16 | 19),
        Brand::Mastercard => length == 16,
        Brand::Amex => length == 15,
        Brand::Diners => (14..=19).contains(&length),
        Brand::Discover | Brand::Jcb | Brand::Unionpay => (16..=19).contains(&length),
        Brand::Maestro => (12..=19).contains(&length),
    }
}

/// Digits of the scheme's security code.
pub(crate) const fn code_length(brand: Brand) -> u8 {
    if matches!(brand, Brand::Amex) { 4 } else { 3 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_28_the_most_specific_range_wins() {
        let cases = [
            ("4556000000000000", Some(Brand::Visa)),
            ("2221000000000000", Some(Brand::Mastercard)),
            ("2720990000000000", Some(Brand::Mastercard)),
            ("2721000000000000", None),
            ("340000000000000", Some(Brand::Amex)),
            ("30950000000000", Some(Brand::Diners)),
            ("6221260000000000", Some(Brand::Discover)),
            ("6229260000000000", Some(Brand::Unionpay)),
            ("6500000000000000", Some(Brand::Discover)),
            ("3589000000000000", Some(Brand::Jcb)),
            ("6759000000000000", Some(Brand::Maestro)),
            ("5018000000000000", Some(Brand::Maestro)),
            ("9999990000000000", Some(Brand::Visa)),
            ("1234", None),
        ];
        for (digits, brand) in cases {
            assert_eq!(of_digits(digits, &Table::default()).map(|s| s.brand), brand, "{digits}");
        }
    }

    #[test]
    fn v_06_test_families_have_their_brands() {
        let none = Table::default();
        let scheme = of_digits("4970100000000154", &none).unwrap();
        assert_eq!(scheme.all(), [Brand::Cb, Brand::Visa]);
        assert!(scheme.test);
        assert!(!of_digits("4970109900000000", &none).unwrap().test);
        assert!(of_digits("375900010000006", &none).unwrap().test);
    }
}
