/**
 * Admission: may this call be made, and what may be spent without asking again? {@link
 * io.fuseline.stream.admission.Admission} decides in pure Java from what {@link
 * io.fuseline.stream.judge.Standings} reads out of the state, and keeps what it has promised in a
 * {@link io.fuseline.stream.admission.GrantBook}. Time comes in as an argument.
 */
package io.fuseline.stream.admission;
