/** Examples kept beside policies: spans, and what has to follow from them. Needs no cluster. */
package io.fuseline.stream.example;
