//! The field GF(2^8) of the polynomial x⁸ + x⁴ + x³ + x + 1 (0x11B, that of AES, FIPS 197), and the two
//! steps of Shamir's sharing (1979) in it: a polynomial's value, and its value at 0 from others.
//!
//! Without branches and tables that depend on a secret. Sums are exclusive ors.

/// What is left of x⁸ in the field.
const REDUCED: u8 = 0x1b;

/// The product.
pub(super) fn times(a: u8, b: u8) -> u8 {
    let (mut a, mut product) = (a, 0);
    for bit in 0..8_u32 {
        product ^= a & ((b >> bit) & 1).wrapping_neg();
        a = (a << 1) ^ (REDUCED & (a >> 7).wrapping_neg());
    }
    product
}

/// The inverse, a²⁵⁴; 0 of 0, which has none.
fn inverse(a: u8) -> u8 {
    let (mut square, mut product) = (a, 1);
    for _ in 1..8 {
        square = times(square, square);
        product = times(product, square);
    }
    product
}

/// The value at `x` of the polynomial that is `constant` at 0 and has these further coefficients,
/// those of the lower powers first.
pub(super) fn value_at(x: u8, constant: u8, further: impl DoubleEndedIterator<Item = u8>) -> u8 {
    times(further.rev().fold(0, |sum, one| times(sum, x) ^ one), x) ^ constant
}

/// What the value at `x` counts for in the value at 0, where all values are at `all` (Lagrange).
pub(super) fn weight_at_zero(x: u8, all: &[u8]) -> u8 {
    let others = all.iter().filter(|other| **other != x);
    others.fold(1, |product, other| times(product, times(*other, inverse(*other ^ x))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn products_are_those_of_the_standard_and_every_inverse_is_one() {
        // FIPS 197, 4.2 and 4.2.1.
        assert_eq!(times(0x57, 0x83), 0xc1);
        assert_eq!(times(0x57, 0x13), 0xfe);
        for a in 1..=u8::MAX {
            assert_eq!(times(a, inverse(a)), 1, "{a}");
        }
    }

    proptest! {
        #[test]
        fn it_is_a_field(a: u8, b: u8, c: u8) {
            prop_assert_eq!(times(a, b), times(b, a));
            prop_assert_eq!(times(a, times(b, c)), times(times(a, b), c));
            prop_assert_eq!(times(a, b ^ c), times(a, b) ^ times(a, c));
            prop_assert_eq!((times(a, 1), times(a, 0)), (a, 0));
        }

        #[test]
        fn a_polynomial_is_known_by_as_many_values_as_it_has_coefficients(
            constant: u8, further in proptest::collection::vec(any::<u8>(), 1..=9),
        ) {
            let all: Vec<u8> = (1..).take(further.len() + 1).collect();
            let value = |x: &u8| {
                let value = value_at(*x, constant, further.iter().copied());
                times(weight_at_zero(*x, &all), value)
            };
            prop_assert_eq!(all.iter().map(value).fold(0, |sum, one| sum ^ one), constant);
        }
    }
}
