package main

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

const keyPrefix = "draft:event:"

type cache struct{ client *redis.Client }

func openCache(ctx context.Context, url string) (*cache, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, err
	}
	options.PoolSize = 32
	options.MinIdleConns = 8
	options.ReadTimeout = 50 * time.Millisecond
	options.WriteTimeout = 50 * time.Millisecond
	options.PoolTimeout = 50 * time.Millisecond
	options.DialTimeout = 50 * time.Millisecond
	options.MaxRetries = -1 // a cache that is away is gone without
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	client := redis.NewClient(options)
	return &cache{client}, client.Ping(ctx).Err()
}

func (c *cache) close() { c.client.Close() }

// draftInProgress is nil if there is none, or none that counts.
func (c *cache) draftInProgress(ctx context.Context, userID int64) (*draft, error) {
	value, err := c.client.Get(ctx, userKey(userID)).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var cached draft
	if json.Unmarshal(value, &cached) != nil || !cached.isInProgress(userID, time.Now()) {
		return nil, nil
	}
	return &cached, nil
}

// remember sets both keys in one round trip.
func (c *cache) remember(ctx context.Context, d *draft) error {
	value, err := toJSON(d)
	if err != nil {
		return err
	}
	_, err = c.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.Set(ctx, keyPrefix+d.ID, value, draftTTL)
		pipe.Set(ctx, userKey(d.UserID), value, window)
		return nil
	})
	return err
}

func userKey(userID int64) string { return keyPrefix + strconv.FormatInt(userID, 10) }
