/** The pipeline as a service: settings, life cycle, health. */
package io.fuseline.stream.service;
