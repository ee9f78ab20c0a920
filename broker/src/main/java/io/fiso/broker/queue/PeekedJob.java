// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

/** A job with what it carries. */
public record PeekedJob(Job job, Content content) {}
